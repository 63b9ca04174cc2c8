import { createLineIndex, type Passage } from '../passage.ts'

/** Characters of a piece of code: a symbol longer than that is cut at lines. */
export const codeSize = 4_000

/** A stretch of a source text that belongs together. */
export interface CodeSpan {
  readonly from: number
  readonly to: number
  readonly title: string | null
}

/** The passages of spans, in order; long ones in parts of {@link codeSize} characters that end at line ends. */
export function cutSpans(text: string, spans: readonly CodeSpan[]): Passage[] {
  const lineAt = createLineIndex(text)
  return spans.flatMap(({ from, to, title }) => {
    const passages: Passage[] = []
    let at = from
    while (at < to) {
      const lineStart = text.lastIndexOf('\n', at - 1) + 1
      // A span begins with the indentation of its first line, so that it reads as it does in the file.
      const begin = at === from && text.slice(lineStart, at).trim() === '' ? lineStart : at
      const end = to - at <= codeSize ? to : lineEndBefore(text, at + codeSize, at)
      const piece = text.slice(begin, end).replace(/^(?:[^\S\n]*\n)+/, '')
      if (piece.trim() !== '') {
        const startLine = lineAt(end - piece.length)
        passages.push({
          startLine,
          endLine: lineAt(end - (piece.length - piece.trimEnd().length) - 1),
          title,
          text: piece.trimEnd(),
        })
      }
      at = end
    }
    return passages
  })
}

/** The passages of code of no known language. */
export function readPlainCode(text: string): Passage[] {
  return cutSpans(text, [{ from: 0, to: text.length, title: null }])
}

function lineEndBefore(text: string, limit: number, from: number): number {
  const end = text.lastIndexOf('\n', limit - 1) + 1
  return end > from ? end : limit
}
