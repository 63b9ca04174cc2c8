import { setTimeout as delay } from 'node:timers/promises'
import { AmxError, testAnnotation } from '@amx/api'
import { type KubernetesClient, resourcePath } from '../../connection/kubernetes-client.ts'
import { asked, type Check } from './check.ts'
import { profilePart, type SeenProfile } from './profile-checks.ts'

export interface TestRequest {
  /** Tells this request from every other. */
  readonly token: string
  readonly limitMs: number
}

const lookAgainMs = 500

/** Has profiles tested and waits for the answers; gives a check for each that could not be asked or did not answer in time. */
export async function requestTests(
  kubernetes: Pick<KubernetesClient, 'mergePatch'>,
  list: () => Promise<readonly SeenProfile[]>,
  { token, limitMs }: TestRequest,
  signal: AbortSignal,
): Promise<Check[]> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)])
  const patch = { metadata: { annotations: { [testAnnotation]: token } } }
  const refused = await Promise.all(
    (await list()).map(async (profile) => {
      const { kind, metadata } = profile
      const sent = await asked(kubernetes.mergePatch(resourcePath(kind, metadata.namespace, metadata.name), patch))
      return 'answer' in sent ? [] : [failed(profile, sent.problem, sent.remedy)]
    }),
  )
  for (;;) {
    const waiting = (await list()).filter(({ metadata }) => metadata.annotations?.[testAnnotation] === token)
    const late = waiting.filter(({ status }) => status?.lastHandledRequest !== token)
    signal.throwIfAborted()
    if (late.length > 0 && !limit.aborted) {
      await delay(lookAgainMs, undefined, { signal: limit }).catch(() => {})
      continue
    }
    const { message, remedy } = new AmxError('AMX-1097', { time: `${Math.round(limitMs / 1_000)} s` })
    return [...refused.flat(), ...late.map((profile) => failed(profile, message, remedy))]
  }
}

function failed(profile: SeenProfile, problem: string, remedy: string): Check {
  const says = `${profile.kind} ${profile.metadata.name}: ${problem}`
  return { part: profilePart(profile), state: 'Fail', says, remedy }
}
