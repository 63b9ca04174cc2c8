import type { Diagnostics, LogLevel, LogPage, SignInCode, WhoAmI } from '@amx/api'
import { queryString } from './query-string.ts'

export interface LogQuery {
  readonly uid?: string
  readonly limit?: number
  readonly after?: string
  readonly stage?: string
  /** The least level. */
  readonly level?: LogLevel
  /** RFC 3339. */
  readonly since?: string
  /** Seconds, at most 25, for which the answer is held back while there is no line. */
  readonly wait?: number
}

/** Who is signed in, how the server fares, and what pods of a run wrote. */
export interface DiagnosticsCalls {
  whoAmI(): Promise<WhoAmI>
  diagnostics(): Promise<Diagnostics>
  /** A one-time code that signs a browser in as the caller. */
  createSignInCode(): Promise<SignInCode>
  logs(namespace: string, run: string, query: LogQuery): Promise<LogPage>
}

/** The calls, made with functions that read and post below the server's address. */
export function diagnosticsCalls(
  read: <Answer>(path: string) => Promise<Answer>,
  ask: <Answer>(path: string, body: object) => Promise<Answer>,
): DiagnosticsCalls {
  return {
    whoAmI: () => read('api/v1/whoami'),
    diagnostics: () => read('api/v1/diagnostics'),
    createSignInCode: () => ask('api/v1/session/codes', {}),
    logs: (namespace, run, query) =>
      read(
        `api/v1/namespaces/${encodeURIComponent(namespace)}/runs/${encodeURIComponent(run)}/logs${queryString(query)}`,
      ),
  }
}
