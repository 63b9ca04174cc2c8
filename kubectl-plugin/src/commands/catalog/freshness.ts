import { counted } from '../../output/figures.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const staleMs = 7 * dayMs

/** How long ago something was read, in words: `5 min ago`. Pure. */
export function readWords(readAt: string, now: Date): string {
  const ageMs = now.getTime() - Date.parse(readAt)
  if (ageMs < minuteMs) return 'just now'
  if (ageMs < 2 * hourMs) return `${Math.floor(ageMs / minuteMs)} min ago`
  if (ageMs < 2 * dayMs) return `${Math.floor(ageMs / hourMs)} h ago`
  return `${counted(Math.floor(ageMs / dayMs), 'day')} ago`
}

/** What to do about entries that were read more than 7 days ago; null where none was. Pure. */
export function staleRemark(entries: readonly { readonly readAt: string }[], now: Date): string | null {
  const stale = entries.filter(({ readAt }) => now.getTime() - Date.parse(readAt) > staleMs).length
  if (stale === 0) return null
  const what =
    stale === entries.length ? 'All of this was' : `${counted(stale, 'of these entries was', 'of these entries were')}`
  return `${what} read more than 7 days ago: \`kubectl amx catalog refresh -d PROFILE\` reads it again.`
}
