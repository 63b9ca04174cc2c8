import { toAmxError } from '@amx/api'
/** How one part of the system fares. */
export interface Check {
  readonly part: string
  readonly state: 'Ok' | 'Warn' | 'Fail' | 'Skipped'
  /** A sentence of fact. */
  readonly says: string
  /** What to do; there for everything that is not as it should be. */
  readonly remedy?: string
}

/** What came of a question: an answer, or why there is none. */
export type Asked<Answer> =
  | { readonly answer: Answer }
  | { readonly code: string; readonly problem: string; readonly remedy: string }

/** Asks the API server. */
export type Get = <Answer>(path: string, accept?: string) => Promise<Asked<Answer>>

/** The answer of a question, or what kept it from being answered; never throws. */
export async function asked<Answer>(question: Promise<Answer>): Promise<Asked<Answer>> {
  try {
    return { answer: await question }
  } catch (error) {
    const { code, message, remedy } = toAmxError(error)
    return { code, problem: message, remedy }
  }
}

export const missing = 'AMX-1013'
export const forbidden = 'AMX-1012'
