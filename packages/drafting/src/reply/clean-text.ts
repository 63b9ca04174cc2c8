import type { Verbosity } from '@amx/api'

/** Longest text kept, by verbosity; far above what is asked for, so that only run-away texts are cut. */
const longestText: Readonly<Record<Verbosity, number>> = {
  Brief: 1_000,
  Detailed: 2_000,
  Comprehensive: 5_000,
  Exhaustive: 12_000,
}

/**
 * A model's text as it may be kept: no control or invisible characters, white space folded (paragraphs stay where the
 * verbosity asks for several), cut at the end of a sentence when it is far too long. Empty when nothing is said.
 */
export function cleanText(text: string, verbosity: Verbosity): string {
  const visible = text.replaceAll(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, '').replaceAll(/\r\n?/g, '\n')
  const severalParagraphs = verbosity === 'Comprehensive' || verbosity === 'Exhaustive'
  const paragraphs = severalParagraphs ? visible.split(/\n\s*\n/) : [visible]
  const cleaned = paragraphs
    .map((paragraph) => paragraph.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim())
    .filter((paragraph) => paragraph !== '')
    .join('\n\n')
  const unquoted = /^"[^"]*"$/.test(cleaned) ? cleaned.slice(1, -1).trim() : cleaned
  return /\p{L}{2}/u.test(unquoted) ? shortened(unquoted, longestText[verbosity]) : ''
}

/** Two texts with equal keys are the same text: case and white space do not count. */
export function textKey(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/[.\s]+$/, '')
}

function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text
  const cut = text.slice(0, limit)
  const end = Math.max(cut.lastIndexOf('. '), cut.lastIndexOf('.\n'))
  if (end > limit / 2) return cut.slice(0, end + 1)
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), limit - 40)).trimEnd()}…`
}
