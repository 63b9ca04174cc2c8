import type { Passage } from '../passage.ts'
import { cutBlocks, proseCut } from './cut-blocks.ts'
import type { TextBlock } from './text-block.ts'

/** The passages of plain text, cut at paragraphs. */
export function readPlainText(text: string): Passage[] {
  return cutBlocks(paragraphsOf(text), proseCut)
}

/** The paragraphs of a text, parted by empty lines. `firstLine` is the line at which it begins. */
export function paragraphsOf(text: string, firstLine = 1): TextBlock[] {
  const blocks: TextBlock[] = []
  let held: string[] = []
  const lines = text.split('\n')
  for (const [index, line] of [...lines, ''].entries()) {
    if (line.trim() !== '') {
      held.push(line.trimEnd())
      continue
    }
    if (held.length > 0) {
      const endLine = firstLine + index - 1
      blocks.push({ text: held.join('\n'), startLine: endLine - held.length + 1, endLine })
    }
    held = []
  }
  return blocks
}
