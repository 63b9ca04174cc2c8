import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { cleanText } from '../decode-text.ts'
import type { Passage } from '../passage.ts'
import { cutBlocks, sectionCut } from './cut-blocks.ts'
import type { TextBlock } from './text-block.ts'

type Node = DefaultTreeAdapterTypes.Node
type Element = DefaultTreeAdapterTypes.Element

// No prose in them, or the same on each page.
const skipped = new Set(
  'script style template noscript nav svg math iframe object canvas form button head footer aside'.split(' '),
)
const blockNames = new Set(
  'address article blockquote body caption dd details div dl dt fieldset figcaption figure h1 h2 h3 h4 h5 h6 header hr html li main ol p pre section summary table tbody tfoot thead tr ul'.split(
    ' ',
  ),
)
const deepest = 400

interface Place {
  /** What of a text's white space is kept. */
  readonly spaces: (text: string) => string
  readonly inCell: boolean
}

/** The passages of a page: its sections by headings, table rows on a line each; what a reader would not see is left out. */
export function readHtml(html: string): Passage[] {
  return cutBlocks(blocksOfHtml(html), sectionCut)
}

/** The blocks of a page, with the lines they stand on. */
export function blocksOfHtml(html: string): TextBlock[] {
  const blocks: TextBlock[] = []
  let words = ''
  let startLine = 0
  let endLine = 0

  function flush(level?: number): void {
    const text = cleanText(words.replaceAll(/[^\S\n]+/g, ' ').replaceAll(/ ?\n ?/g, '\n')).trim()
    if (text !== '')
      blocks.push({ text, startLine: Math.max(1, startLine), endLine, ...(level === undefined ? {} : { level }) })
    words = ''
    startLine = 0
  }

  function visit(node: Node, depth: number, place: Place): void {
    if (depth > deepest) return
    if (node.nodeName === '#text' && 'value' in node) {
      const text = place.spaces(node.value)
      if (text.trim() !== '') {
        const location = node.sourceCodeLocation
        if (startLine === 0) startLine = location?.startLine ?? 1
        endLine = Math.max(startLine, location?.endLine ?? startLine)
      }
      words += text
      return
    }
    if (!('childNodes' in node)) return
    const isElement = 'tagName' in node
    if (isElement && (skipped.has(node.tagName) || isHidden(node))) return
    const name = isElement ? node.tagName : ''
    const isBlock = blockNames.has(name) && !place.inCell
    if (isBlock) flush()
    if (name === 'br') words += '\n'
    const isCell = name === 'td' || name === 'th'
    if (isCell && words.trim() !== '') words += ' | '
    else if (place.inCell && blockNames.has(name)) words += ' '
    const inside = {
      spaces: name === 'pre' ? (text: string) => text : place.spaces,
      // Paragraphs of a cell stay in the row.
      inCell: isCell || (place.inCell && name !== 'table'),
    }
    for (const child of node.childNodes) visit(child, depth + 1, inside)
    if (isBlock) flush(/^h[1-6]$/.test(name) ? Number(name[1]) : undefined)
  }

  visit(parse(html, { sourceCodeLocationInfo: true }), 0, {
    spaces: (text) => text.replaceAll(/\s+/g, ' '),
    inCell: false,
  })
  flush()
  return blocks
}

function isHidden(element: Element): boolean {
  return element.attrs.some(
    ({ name, value }) =>
      name === 'hidden' ||
      (name === 'aria-hidden' && value === 'true') ||
      (name === 'style' && /display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])/i.test(value)),
  )
}
