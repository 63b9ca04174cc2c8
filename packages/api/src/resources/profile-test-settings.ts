import { AmxError } from '../errors/amx-error.ts'
import type { DatabaseTestSettings, ModelTestSettings } from '../wire/profile-test.ts'
import type { DatabaseProfile } from './database-profile.ts'
import type { LLMProfile } from './llm-profile.ts'
import { type NamedSpec, postgresqlConnection, resolveModel } from './resolve-settings.ts'

/** The database whose sign-in is tested for a profile that names none: every server has it. */
const maintenanceDatabase = 'postgres'

/** What a test of a DatabaseProfile tries, by its credentials. Throws AMX-1002 for a backend this version cannot connect to. */
export function databaseTestSettings(
  part: DatabaseTestSettings['part'],
  { metadata, spec }: NamedSpec<DatabaseProfile>,
): DatabaseTestSettings {
  if (spec.backend !== 'PostgreSQL' || !spec.postgresql)
    throw new AmxError('AMX-1002', { field: `spec.backend: ${spec.backend} of DatabaseProfile "${metadata.name}"` })
  const { database } = spec.postgresql
  const connection = postgresqlConnection(spec.postgresql, database ?? maintenanceDatabase)
  return { part, connection, pinned: database !== undefined }
}

/** What a test of an LLMProfile tries. Throws AMX-1001 for one that no run could use. */
export function modelTestSettings(profile: NamedSpec<LLMProfile>): ModelTestSettings {
  return { part: 'Model', model: resolveModel(profile) }
}
