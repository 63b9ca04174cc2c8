import {
  AmxError,
  type DatabaseProfile,
  databaseTestSettings,
  digestOf,
  type LLMProfile,
  type MountedSecret,
  modelSecret,
  modelTestSettings,
  type ProfileTestPart,
  type ProfileTestSettings,
  parseDurationMs,
  targetSecrets,
  testAnnotation,
  testEveryAnnotation,
  toAmxError,
} from '@amx/api'
import type { TestPlan } from './decide-test.ts'

/** A profile of either kind, told apart by `kind`, which objects in a list come without. */
export type Profile =
  | { readonly kind: 'DatabaseProfile'; readonly object: DatabaseProfile }
  | { readonly kind: 'LLMProfile'; readonly object: LLMProfile }

/** Often enough to show what broke, seldom enough for a model that is paid for. */
const usualIntervalMs = 3_600_000
const shortestIntervalMs = 60_000

/** What there is to test about a profile: each credential by itself, since no pod has two. */
export function planTests(profile: Profile): TestPlan {
  if (profile.kind === 'LLMProfile' && profile.object.spec.provider === 'BuiltIn') return { kind: 'BuiltIn' }
  try {
    testIntervalMs(profile)
    const parts = partsOf(profile)
    const secrets = parts.map(({ part }) => partSecrets(profile, part))
    return { kind: 'Test', parts, specDigest: digestOf({ parts, secrets }) }
  } catch (thrown) {
    const error = toAmxError(thrown)
    if (!error.code.startsWith('AMX-1')) throw thrown
    return { kind: 'Refused', error: error.report() }
  }
}

function partsOf(profile: Profile): ProfileTestSettings[] {
  if (profile.kind === 'LLMProfile') return [modelTestSettings(profile.object)]
  const { object } = profile
  const reader = databaseTestSettings('Reader', object)
  return object.spec.writerSecretRef === undefined ? [reader] : [reader, databaseTestSettings('Writer', object)]
}

/** The Secrets that the pod of one part gets: those of the stage of a run that uses the same credential. */
export function partSecrets(profile: Profile, part: ProfileTestPart): readonly MountedSecret[] {
  if (profile.kind === 'DatabaseProfile')
    return targetSecrets(part === 'Writer' ? 'apply' : 'profile', profile.object.spec)
  const secret = modelSecret('draft', profile.object.spec)
  return secret === null ? [] : [secret]
}

/** How often a profile that works is tested again; null: only when asked. Throws AMX-1001 for an annotation that says neither. */
export function testIntervalMs({ object }: Profile): number | null {
  const field = `metadata.annotations["${testEveryAnnotation}"]`
  const every = object.metadata.annotations?.[testEveryAnnotation]
  if (every === undefined) return usualIntervalMs
  if (every === 'never') return null
  const intervalMs = parseDurationMs(every, field)
  if (intervalMs >= shortestIntervalMs) return intervalMs
  throw new AmxError('AMX-1001', { field, problem: `"${every}" is shorter than a minute` })
}

/** The request of the annotation that was not handled yet, or null. */
export function testRequest({ object }: Profile): string | null {
  const request = object.metadata.annotations?.[testAnnotation]?.slice(0, 253)
  return request === undefined || request === '' || request === object.status?.lastHandledRequest ? null : request
}
