import { AmxError, type ErrorReport, isErrorCode } from '@amx/api'
import type { PodView } from '../run/run-observed.ts'

/** A Job that is over, as far as it tells why. */
export interface EndedJob {
  readonly name: string
  readonly state: 'Active' | 'Complete' | 'Failed'
  readonly message: string
  readonly pods: readonly PodView[]
}

/** Why a Job is over that never said how its work fares; `lacking` names what it did not do, such as "finishing its index". */
export function errorOfJob(job: EndedJob, lacking: string): ErrorReport {
  const [pod] = job.pods
  if (pod?.summary?.error) {
    const { code, message, remedy } = pod.summary.error
    if (isErrorCode(code)) return { code, message, remedy }
  }
  const detail =
    job.state === 'Complete'
      ? `it ended without ${lacking}`
      : (pod?.lastWords?.slice(-300) ?? (job.message === '' ? 'its pod is gone' : job.message))
  return new AmxError('AMX-4002', { job: job.name, detail }).report()
}
