import type { Citation } from '@amx/api'

/** Where a citation stands, such as `handbook orders.md:23-24`; the bare source for the profile and the comment in the database. */
export function citationPlace({ source, path, startLine, endLine }: Citation): string {
  if (path === undefined) return source
  if (startLine === undefined) return `${source} ${path}`
  const lines = endLine === undefined || endLine === startLine ? String(startLine) : `${startLine}-${endLine}`
  return `${source} ${path}:${lines}`
}

/** The citations of files, which a reader can open; evidence of the database itself is shown with the row. */
export function fileCitations(citations: readonly Citation[]): Citation[] {
  return citations.filter(({ path }) => path !== undefined)
}
