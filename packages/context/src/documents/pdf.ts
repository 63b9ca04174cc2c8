import { cleanText } from '../decode-text.ts'
import type { Extraction } from '../passage.ts'
import { cutBlocks, proseCut } from './cut-blocks.ts'
import { paragraphsOf } from './plain-text.ts'
import type { TextBlock } from './text-block.ts'

const mostPages = 2_000
const mostCharacters = 5_000_000
const longestMs = 60_000

/** The passages of a PDF, titled by page. Pages without text (scans), encrypted and broken files are refused in words. */
export async function readPdf(bytes: Buffer, signal: AbortSignal): Promise<Extraction> {
  const { getDocumentProxy } = await import('unpdf')
  // The parser keeps what it is given; a copy leaves the caller's bytes alone.
  const document = await getDocumentProxy(new Uint8Array(bytes), {
    disableFontFace: true,
    stopAtErrors: false,
    verbosity: 0,
  }).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))))
  if (document instanceof Error) {
    const encrypted = document.name === 'PasswordException'
    return {
      reason: encrypted ? 'it is protected by a password' : `it is not a PDF that can be read: ${document.message}`,
    }
  }
  try {
    if (document.numPages > mostPages)
      return { reason: `it has ${document.numPages} pages; ${mostPages} are read at most` }
    const started = performance.now()
    const blocks: TextBlock[] = []
    let line = 1
    let characters = 0
    for (let number = 1; number <= document.numPages; number += 1) {
      signal.throwIfAborted()
      if (performance.now() - started > longestMs)
        return { reason: `reading it takes longer than ${longestMs / 1000} s` }
      const page = await document.getPage(number)
      const { items } = await page.getTextContent()
      page.cleanup()
      const text = textOf(items)
      characters += text.length
      if (characters > mostCharacters) return { reason: `it has more than ${mostCharacters} characters` }
      blocks.push({ text: `Page ${number}`, startLine: line, endLine: line, level: 1 }, ...paragraphsOf(text, line))
      line += text.split('\n').length
    }
    const passages = cutBlocks(blocks, proseCut)
    return passages.length === 0 ? { reason: 'it holds no text; scanned pages are not read' } : { passages }
  } catch (error) {
    signal.throwIfAborted()
    return { reason: `it is not a PDF that can be read: ${error instanceof Error ? error.message : String(error)}` }
  } finally {
    await document.cleanup()
    await document.loadingTask.destroy()
  }
}

interface PdfText {
  readonly str: string
  readonly hasEOL: boolean
  readonly transform: readonly number[]
  readonly height: number
}

/** Lines as they stand on the page, with an empty line where the gap between two is wider than a line. */
function textOf(items: readonly object[]): string {
  let text = ''
  let lastY: number | null = null
  for (const item of items) {
    if (!isText(item)) continue
    const y = item.transform[5] ?? 0
    const height = item.height || Math.abs(item.transform[3] ?? 0)
    if (lastY !== null && lastY - y > height * 1.7 && height > 0 && text.endsWith('\n')) text += '\n'
    text += item.str
    if (item.hasEOL) text += '\n'
    if (item.str.trim() !== '') lastY = y
  }
  return cleanText(text).trimEnd()
}

function isText(item: object): item is PdfText {
  return 'str' in item
}
