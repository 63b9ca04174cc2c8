import type { DatabaseProfileSpec } from './database-profile.ts'
import type { LLMProfileSpec } from './llm-profile.ts'
import type { MetadataRunSpec } from './metadata-run.ts'

// The smallest objects that work, for tests.

export const minimalDatabaseSpec: DatabaseProfileSpec = {
  backend: 'PostgreSQL',
  postgresql: { host: 'pg', database: 'shop' },
  readerSecretRef: { name: 'reader' },
}

export const minimalModelSpec: LLMProfileSpec = { provider: 'BuiltIn' }

export const minimalRunSpec: MetadataRunSpec = {
  type: 'Analyze',
  targets: [{ databaseProfileRef: { name: 'pg' } }],
  llmProfileRef: { name: 'llm' },
}

export function databaseProfile(spec: Partial<DatabaseProfileSpec> = {}, name = 'pg') {
  return { metadata: { name }, spec: { ...minimalDatabaseSpec, ...spec } }
}

export function modelProfile(spec: Partial<LLMProfileSpec> = {}, name = 'llm') {
  return { metadata: { name }, spec: { ...minimalModelSpec, ...spec } }
}
