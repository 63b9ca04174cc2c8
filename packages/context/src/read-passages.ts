import type { ContextKind } from '@amx/api'
import { readPlainCode } from './code/cut-code.ts'
import { type DocsBlocks, readDbtYaml } from './code/dbt-yaml.ts'
import type { SymbolLanguage } from './code/symbols.ts'
import { decodeText } from './decode-text.ts'
import { readPlainText } from './documents/plain-text.ts'
import type { Extraction } from './passage.ts'

export interface ReadPassagesOptions {
  readonly kind: ContextKind
  /** Texts that dbt descriptions refer to. */
  readonly docsBlocks: DocsBlocks
  readonly signal: AbortSignal
}

const languages = new Map<string, SymbolLanguage>([
  ['py', 'python'],
  ['pyi', 'python'],
  ['ts', 'typescript'],
  ['mts', 'typescript'],
  ['cts', 'typescript'],
  ['tsx', 'typescript'],
  ['js', 'typescript'],
  ['mjs', 'typescript'],
  ['cjs', 'typescript'],
  ['jsx', 'typescript'],
  ['java', 'java'],
])

/** Cuts a file into passages by its format; libraries are loaded when the first file needs them. Never throws for bad content. */
export async function readPassages(path: string, bytes: Buffer, options: ReadPassagesOptions): Promise<Extraction> {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''
  if (ending === 'pdf' || bytes.subarray(0, 5).toString('latin1') === '%PDF-') {
    return (await import('./documents/pdf.ts')).readPdf(bytes, options.signal)
  }
  if (ending === 'docx') return (await import('./documents/docx.ts')).readDocx(bytes)
  const text = decodeText(bytes)
  if (text === null) return { reason: 'it is not a text file' }
  if (text.trim() === '') return { reason: 'it is empty' }
  const extraction = await readText(path, ending, text, options)
  if ('reason' in extraction) return extraction
  const passages = extraction.passages.filter(({ text: passage }) => /[\p{L}\p{N}]/u.test(passage))
  return passages.length === 0 ? { reason: 'it holds no words' } : { passages }
}

async function readText(path: string, ending: string, text: string, options: ReadPassagesOptions): Promise<Extraction> {
  const language = languages.get(ending)
  if (language !== undefined) return { passages: await (await import('./code/symbols.ts')).readSymbols(text, language) }
  switch (ending) {
    case 'md':
    case 'mdx':
    case 'markdown':
      return { passages: (await import('./documents/markdown.ts')).readMarkdown(text) }
    case 'html':
    case 'htm':
    case 'xhtml':
      return { passages: (await import('./documents/html.ts')).readHtml(text) }
    case 'csv':
    case 'tsv':
      return (await import('./documents/csv.ts')).readCsv(text)
    case 'sql':
    case 'ddl':
      return { passages: (await import('./code/sql.ts')).readSql(text, path) }
    case 'yml':
    case 'yaml': {
      const described = readDbtYaml(text, options.docsBlocks)
      if (described !== null) return { passages: described }
    }
  }
  return { passages: options.kind === 'Code' ? readPlainCode(text) : readPlainText(text) }
}
