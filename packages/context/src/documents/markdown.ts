import { Lexer } from 'marked'
import type { Passage } from '../passage.ts'
import { cutBlocks, sectionCut } from './cut-blocks.ts'
import type { TextBlock } from './text-block.ts'

/** The passages of Markdown: one per section, titled by its path of headings. Front matter gives the title of the document. */
export function readMarkdown(text: string): Passage[] {
  const frontMatter = /^---\n([\s\S]*?)\n---(?:\n|$)/.exec(text)
  const body = frontMatter === null ? text : text.slice(frontMatter[0].length)
  let line = 1 + (frontMatter === null ? 0 : frontMatter[0].split('\n').length - 1)
  const blocks: TextBlock[] = []
  const title = /^title:\s*["']?(.+?)["']?\s*$/m.exec(frontMatter?.[1] ?? '')?.[1]
  if (title !== undefined) blocks.push({ text: title, startLine: 1, endLine: 1, level: 1 })
  for (const token of Lexer.lex(body, { gfm: true })) {
    const raw = token.raw.replace(/\n+$/, '')
    const startLine = line + (/^\n+/.exec(raw)?.[0].length ?? 0)
    const endLine = line + raw.split('\n').length - 1
    line += token.raw.split('\n').length - 1
    if (token.type === 'space' || token.type === 'hr') continue
    if (token.type === 'heading') {
      const { depth, text: heading } = token as { readonly depth: number; readonly text: string }
      blocks.push({ text: plain(heading), startLine, endLine, level: depth })
    } else if (token.type === 'html') {
      const shown = raw.replaceAll(/<!--[\s\S]*?(?:-->|$)/g, '').replaceAll(/<[^>]*>/g, ' ')
      if (shown.trim() !== '') blocks.push({ text: shown.trim(), startLine, endLine })
    } else blocks.push({ text: raw.replace(/^\n+/, ''), startLine, endLine })
  }
  return cutBlocks(blocks, sectionCut)
}

function plain(heading: string): string {
  return heading.replaceAll(/[*_`]|\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/<[^>]*>/g, '')
}
