import { setTimeout as delay } from 'node:timers/promises'
import { AmxError, testAnnotation } from '@amx/api'
import { type KubernetesClient, resourcePath } from '../../connection/kubernetes-client.ts'
import { asked, type Check } from './check.ts'
import type { SeenProfile } from './profile-checks.ts'

export interface TestRequest {
  /** Tells this request from every other. */
  readonly token: string
  readonly limitMs: number
}

const lookAgainMs = 500

/**
 * Has profiles tested and waits for the answers; gives them as they are then, and a check for each that could not be asked or did
 * not answer in time.
 */
export async function testProfiles<Profile extends SeenProfile>(
  kubernetes: KubernetesClient,
  profiles: readonly Profile[],
  { token, limitMs }: TestRequest,
  signal: AbortSignal,
): Promise<{ readonly profiles: readonly Profile[]; readonly checks: readonly Check[] }> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
  const checks: Check[] = []

  async function test(profile: Profile): Promise<Profile> {
    const { kind, metadata } = profile
    const path = resourcePath(kind, metadata.namespace, metadata.name)
    const fail = (problem: string, remedy: string) => {
      const part = kind === 'LLMProfile' ? 'models' : 'databases'
      checks.push({ part, state: 'Fail', says: `${kind} ${metadata.name}: ${problem}`, remedy })
      return profile
    }
    const sent = await asked(kubernetes.mergePatch(path, { metadata: { annotations: { [testAnnotation]: token } } }))
    if (!('answer' in sent)) return fail(sent.problem, sent.remedy)
    while (!limit.aborted) {
      const seen = await asked(kubernetes.get<Profile & { status?: { lastHandledRequest?: string } }>(path))
      if (!('answer' in seen)) return fail(seen.problem, seen.remedy)
      if (seen.answer.status?.lastHandledRequest === token) return { ...seen.answer, kind }
      await delay(lookAgainMs, undefined, { signal: limit }).catch(() => {})
    }
    signal.throwIfAborted()
    const { message, remedy } = new AmxError('AMX-1097', { time: `${Math.round(limitMs / 1_000)} s` })
    return fail(message, remedy)
  }

  return { profiles: await Promise.all(profiles.map(test)), checks }
}
