import { AmxError, type ErrorReport, isErrorCode } from '@amx/api'

/** The error a pod reports. Throws AMX-1014 when its code is not in the catalogue. */
export function knownError(error: {
  readonly code: string
  readonly message: string
  readonly remedy: string
}): ErrorReport {
  const { code } = error
  if (!isErrorCode(code))
    throw new AmxError('AMX-1014', { problem: `/error/code: "${code}" is not in the error catalogue` })
  return { ...error, code }
}
