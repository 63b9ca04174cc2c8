import type { AmxError } from '@amx/api'
import { harmless } from './paint.ts'

/** An error as every command prints it: what is wrong with its code, then what to do. */
export function errorLines(error: AmxError): string[] {
  return [`error: ${harmless(error.message)} (${error.code})`, harmless(error.remedy)].filter(Boolean)
}
