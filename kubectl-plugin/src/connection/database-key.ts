import { type DatabaseProfile, resolveSettings } from '@amx/api'
import { targetOfRun } from '../commands/run/run-manifest.ts'
import type { Connection } from './connection.ts'
import { resourcePath } from './kubernetes-client.ts'

/** The key under which the server knows the database of `profile` or `profile/database`. Throws AMX-1013 for a profile that is not there. */
export async function databaseKeyOf({ kubernetes, namespace }: Connection, profile: string): Promise<string> {
  const target = targetOfRun(profile)
  const path = resourcePath('DatabaseProfile', namespace, target.databaseProfileRef.name)
  const { targets } = resolveSettings({
    run: { spec: { type: 'Refresh', targets: [target] } },
    databaseProfiles: [await kubernetes.get<DatabaseProfile>(path)],
    llmProfile: null,
    operatorVersion: 'asked',
  })
  return targets[0]?.databaseKey ?? ''
}
