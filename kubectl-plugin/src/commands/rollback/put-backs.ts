import type { AuditRow } from '@amx/api'

/** A comment that a rollback puts back. */
export interface PutBack {
  readonly path: string
  readonly target: string
  readonly databaseProfile: string
  /** What stood there before the run; null for no comment. */
  readonly text: string | null
  /** What the run left there. */
  readonly written: string
}

/** What a run wrote, in the order of writing, turned round: per asset the text before its first write and after its last. Pure. */
export function putBacks(written: readonly AuditRow[], assets: readonly string[]): PutBack[] {
  const wanted = new Set(assets)
  const found = new Map<string, PutBack>()
  for (const { path, target, databaseProfile, oldText, newText } of written) {
    if (wanted.size > 0 && !wanted.has(path)) continue
    const key = JSON.stringify([target, path])
    const text = found.get(key)?.text ?? (found.has(key) ? null : oldText)
    found.set(key, { path, target, databaseProfile, text, written: newText })
  }
  return [...found.values()]
}
