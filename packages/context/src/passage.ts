import type { ProvidedDescription } from '@amx/api'

/** A piece of a document that can be found and cited by itself. */
export interface Passage {
  /** 1-based, both ends included. Of PDF and DOCX: lines of the extracted text. */
  readonly startLine: number
  readonly endLine: number
  /** Heading path ("Orders > Status") or symbol; null where there is neither. */
  readonly title: string | null
  readonly text: string
  /** Descriptions it holds, where its format tells them apart. */
  readonly provided?: readonly ProvidedDescription[]
}

/** A document's passages, or why it has none. */
export type Extraction = { readonly passages: readonly Passage[] } | { readonly reason: string }

/** Finds the 1-based line of an offset in a text. */
export function createLineIndex(text: string): (offset: number) => number {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low + 1
  }
}
