import { AmxError } from '@amx/api'
import { isAlreadyExists, KubeError } from '@amx/kube'

/** What was written when the API server refused, in the words of AMX-4005. */
export interface AttemptedWrite {
  readonly verb: string
  readonly resource: string
}

/** What the API server does not let the operator do, such as for want of a Role or for a quota; null for passing failures. */
export function refusedWrite(thrown: unknown, attempted: AttemptedWrite): AmxError | null {
  if (!(thrown instanceof KubeError)) return null
  if (thrown.status === 403) return new AmxError('AMX-4005', { ...attempted, detail: thrown.message })
  return isAlreadyExists(thrown) ? new AmxError('AMX-1009', { problem: thrown.message }) : null
}
