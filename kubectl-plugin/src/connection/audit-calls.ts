import type { ApplyOutcome, AuditPage, PreviewPage } from '@amx/api'
import { queryString } from './query-string.ts'

/** Which queued rows are previewed. */
export interface PreviewQuery {
  readonly run?: string
  readonly uid?: string
  readonly target?: string
  /** Assets with everything below them. */
  readonly within?: readonly string[]
  /** Assets, each for itself. */
  readonly asset?: readonly string[]
  readonly limit?: number
  readonly after?: string
}

/** Which entries of the audit. */
export interface AuditQuery {
  readonly since?: string
  readonly until?: string
  readonly by?: string
  readonly asset?: string
  readonly outcome?: readonly ApplyOutcome[]
  readonly target?: string
  readonly unit?: string
  readonly dryRun?: boolean
  readonly limit?: number
  readonly after?: string
}

/** Reading what is to be written and what was. */
export interface AuditCalls {
  /** Statements of queued rows, as an apply would write them; a page of at most 1,000. */
  preview(namespace: string, query: PreviewQuery): Promise<PreviewPage>
  /** What was written in a namespace, the newest first; a page of at most 1,000. */
  audit(namespace: string, query: AuditQuery): Promise<AuditPage>
  /** What a run wrote, in that order; `uid` for an older run of the name. A page of at most 1,000. */
  runAudit(namespace: string, run: string, query: AuditQuery & { readonly uid?: string }): Promise<AuditPage>
}

/** The calls, made with a function that reads a path below the server's address. */
export function auditCalls(read: <Answer>(path: string) => Promise<Answer>): AuditCalls {
  const inNamespace = (namespace: string) => `api/v1/namespaces/${encodeURIComponent(namespace)}`
  return {
    preview: (namespace, query) => read(`${inNamespace(namespace)}/queue/preview${queryString(query)}`),
    audit: (namespace, query) => read(`${inNamespace(namespace)}/changes${queryString(query)}`),
    runAudit: (namespace, run, query) =>
      read(`${inNamespace(namespace)}/runs/${encodeURIComponent(run)}/changes${queryString(query)}`),
  }
}
