import type { AuditPage, AuditRow } from '@amx/api'
import { pagesOf } from '../connection/pages-of.ts'

/** Entries of the audit over all pages, at most `limit`, and whether there are more. */
export async function readChanges(
  readPage: (place: { readonly limit: number; readonly after?: string }) => Promise<AuditPage>,
  limit: number,
): Promise<{ readonly changes: readonly AuditRow[]; readonly more: boolean }> {
  const changes: AuditRow[] = []
  for await (const { rows } of pagesOf(readPage)) {
    changes.push(...rows)
    if (changes.length > limit) break
  }
  return { changes: changes.slice(0, limit), more: changes.length > limit }
}
