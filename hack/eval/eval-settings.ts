import { readFileSync } from 'node:fs'
import { AmxError, type LLMProfile, llmProfileSpecSchema, type RunSettings, resolveSettings } from '@amx/api'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { parse } from 'yaml'

/** What to evaluate: a database, the parts of it, and the LLMProfile that drafts. */
export interface EvalTarget {
  /** `postgresql://user:password@host:port/database?sslmode=…` */
  readonly databaseUrl: string
  /** Asset paths; empty = everything visible. */
  readonly include: readonly string[]
  /** 0 = no limit. */
  readonly tableLimit: number
  readonly llmProfile: Pick<LLMProfile, 'spec'> & { readonly metadata: { readonly name: string } }
}

const manifestSchema = Type.Object({
  kind: Type.Literal('LLMProfile'),
  metadata: Type.Object({ name: Type.String() }),
  spec: llmProfileSpecSchema,
})

/** The built-in drafter, scored by evidence: the one signal that needs no model. */
export const builtInProfile: EvalTarget['llmProfile'] = {
  metadata: { name: 'built-in' },
  spec: { provider: 'BuiltIn', generation: { confidenceSignal: 'Evidence' } },
}

/** Reads the manifest of an LLMProfile. Throws AMX-1001 naming the field that does not fit. */
export function readLLMProfile(path: string): EvalTarget['llmProfile'] {
  const manifest: unknown = parse(readFileSync(path, 'utf8'))
  if (!Value.Check(manifestSchema, manifest)) {
    const [wrong] = Value.Errors(manifestSchema, manifest)
    const problem = wrong?.message ?? 'it is not an LLMProfile'
    throw new AmxError('AMX-1001', { field: `${path}${wrong?.instancePath}`, problem })
  }
  return manifest
}

/** The settings document of a run over the target, made by the rules every run follows. */
export function evalSettings({ databaseUrl, include, tableLimit, llmProfile }: EvalTarget): RunSettings {
  const url = new URL(databaseUrl)
  const database = decodeURIComponent(url.pathname.slice(1))
  return resolveSettings({
    run: {
      spec: {
        type: 'Analyze',
        targets: [{ databaseProfileRef: { name: 'evaluated' }, scope: { include: [...include], tableLimit } }],
      },
    },
    databaseProfiles: [
      {
        metadata: { name: 'evaluated' },
        spec: {
          backend: 'PostgreSQL',
          postgresql: { host: url.hostname, port: Number(url.port || 5432), database, tls: { mode: tlsMode(url) } },
          readerSecretRef: { name: 'evaluated' },
        },
      },
    ],
    llmProfile,
    operatorVersion: 'eval',
  })
}

function tlsMode(url: URL): 'disable' | 'require' | 'verify-ca' | 'verify-full' {
  const mode = url.searchParams.get('sslmode')
  if (mode === 'require' || mode === 'verify-ca' || mode === 'verify-full') return mode
  return 'disable'
}
