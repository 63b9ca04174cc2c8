import type { Passage } from '../passage.ts'
import type { TextBlock } from './text-block.ts'

export interface CutOptions {
  /** Characters of a passage; a paragraph is cut only when it alone is longer. @default 1000 */
  readonly size: number
  /** Characters that a passage repeats of the one before. @default 200 */
  readonly overlap: number
  /** Characters up to which a section stays whole. @default the size */
  readonly wholeSection?: number
}

export const proseCut: CutOptions = { size: 1_000, overlap: 200 }
/** A section below one heading is what its author meant to be read together. */
export const sectionCut: CutOptions = { ...proseCut, wholeSection: 1_800 }

const titleSeparator = ' > '
const longestTitle = 512

/** Cuts blocks into passages: a new one at each heading, titled by the path of headings; long sections with overlap. */
export function cutBlocks(blocks: readonly TextBlock[], options: CutOptions): Passage[] {
  const passages: Passage[] = []
  const headings: (string | undefined)[] = []
  let section: TextBlock[] = []

  function endSection(): void {
    const title = headings.filter((heading) => heading !== undefined).join(titleSeparator)
    passages.push(...cutSection(section, title === '' ? null : title.slice(0, longestTitle), options))
    section = []
  }

  for (const block of blocks) {
    if (block.level === undefined) {
      if (block.text.trim() !== '') section.push(block)
      continue
    }
    endSection()
    headings.length = block.level - 1
    headings[block.level - 1] = block.text.replaceAll(/\s+/g, ' ').trim()
  }
  endSection()
  return passages
}

function cutSection(blocks: readonly TextBlock[], title: string | null, options: CutOptions): Passage[] {
  const whole = blocks.reduce((sum, { text }) => sum + text.length + 1, 0)
  if (whole <= (options.wholeSection ?? options.size)) return blocks.length === 0 ? [] : [join(blocks, title)]
  const pieces = blocks.flatMap((block) => (block.text.length > options.size ? cutBlock(block, options) : [block]))
  const passages: Passage[] = []
  let held: TextBlock[] = []
  let length = 0
  for (const piece of pieces) {
    if (held.length > 0 && length + piece.text.length > options.size) {
      passages.push(join(held, title))
      held = tailOf(held, Math.min(options.overlap, options.size - piece.text.length))
      length = held.reduce((sum, { text }) => sum + text.length + 1, 0)
    }
    held.push(piece)
    length += piece.text.length + 1
  }
  if (held.length > 0) passages.push(join(held, title))
  return passages
}

/** The last blocks that fit into `size` characters, or the end of the last one from a word on. */
function tailOf(blocks: readonly TextBlock[], size: number): TextBlock[] {
  if (size <= 0) return []
  const tail: TextBlock[] = []
  let left = size
  for (const block of blocks.toReversed()) {
    if (block.text.length > left) break
    tail.unshift(block)
    left -= block.text.length + 1
  }
  const last = blocks.at(-1)
  if (tail.length > 0 || last === undefined) return tail
  const end = last.text.slice(-size)
  const from = /[.!?]\s+/.exec(end)?.index
  const text = (from === undefined ? end.replace(/^\S*\s+/, '') : end.slice(from + 1)).trimStart()
  if (text === '') return []
  const lines = newlines(text)
  return [{ text, startLine: Math.max(last.startLine, last.endLine - lines), endLine: last.endLine }]
}

/** Cuts a block that is longer than a passage, at sentences, else at words, else anywhere. */
function cutBlock(block: TextBlock, options: CutOptions): TextBlock[] {
  const pieces: TextBlock[] = []
  let rest = block.text
  let line = block.startLine
  while (rest.length > options.size) {
    const window = rest.slice(0, options.size)
    const cut =
      Math.max(lastEnd(window, /[\n]|[.!?]\s/g, options.size / 2), 0) || lastEnd(window, /\s/g, 1) || options.size
    const text = rest.slice(0, cut)
    pieces.push({ text: text.trimEnd(), startLine: line, endLine: line + newlines(text.trimEnd()) })
    line += newlines(text)
    rest = rest.slice(cut)
  }
  if (rest.trim() !== '') pieces.push({ text: rest, startLine: line, endLine: Math.max(line, block.endLine) })
  return pieces
}

function lastEnd(text: string, pattern: RegExp, least: number): number {
  let end = 0
  for (const match of text.matchAll(pattern))
    if (match.index + match[0].length >= least) end = match.index + match[0].length
  return end
}

function join(blocks: readonly TextBlock[], title: string | null): Passage {
  return {
    startLine: blocks[0]?.startLine ?? 1,
    endLine: blocks.at(-1)?.endLine ?? 1,
    title,
    text: blocks
      .map(({ text }) => text.trimEnd())
      .join('\n')
      .trim(),
  }
}

function newlines(text: string): number {
  return text.split('\n').length - 1
}
