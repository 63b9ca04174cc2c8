import { type DeclaredConfidence, declaredConfidence, type ParsedAsset, type ParsedReply } from './parsed-reply.ts'

interface Gathered {
  texts: string[]
  /** By position of the text; under null what is said of all of them. */
  confidences: Map<number | null, DeclaredConfidence>
  reasoning: string | null
}

const label =
  /^\s*(?:[-*#>]+\s*)?\**(TABLE_DESCRIPTION(?:_\d+)?|TABLE|COLUMN|DESCRIPTION(?:_\d+)?|CONFIDENCE(?:_\d+)?|REASONING)\**\s*:\s*\**\s*(.*)$/i

/** Reads the labelled text of models that do not write JSON: `COLUMN:`, `DESCRIPTION_1:`, `TABLE_DESCRIPTION_1:`, `REASONING:`. Null when no label holds a text. */
export function parseLabelledReply(content: string): ParsedReply | null {
  const table: Gathered = nothingGathered()
  const columns = new Map<string, Gathered>()
  let current: Gathered | null = null
  // A text may go on over several lines until the next label.
  let extend: ((line: string) => void) | null = null
  for (const line of content.split(/\r?\n/)) {
    const found = label.exec(line)
    if (found === null) {
      if (line.trim() !== '') extend?.(line.trim())
      else extend = null
      continue
    }
    const [, name = '', text = ''] = found
    const kind = name.toUpperCase().replace(/_\d+$/, '')
    extend = null
    if (kind === 'COLUMN') {
      const column = text.replaceAll(/^[`"*]+|[`"*]+$/g, '').trim()
      current = columns.get(column) ?? nothingGathered()
      columns.set(column, current)
    } else if (kind === 'TABLE_DESCRIPTION') extend = begin(table, text)
    else if (kind === 'DESCRIPTION' && current !== null) extend = begin(current, text)
    else if (kind === 'CONFIDENCE') declare(current ?? table, name, text)
    else if (kind === 'REASONING') (current ?? table).reasoning = text.trim() || null
  }
  const spoken = table.texts.length > 0 || [...columns.values()].some(({ texts }) => texts.length > 0)
  if (!spoken) return null
  return {
    table: table.texts.length > 0 ? finished(table) : null,
    columns: new Map([...columns].map(([name, gathered]) => [name, finished(gathered)])),
  }
}

function nothingGathered(): Gathered {
  return { texts: [], confidences: new Map(), reasoning: null }
}

/** `CONFIDENCE_2:` is about the second text, `CONFIDENCE:` about all. */
function declare({ confidences }: Gathered, name: string, text: string): void {
  const declared = declaredConfidence(text)
  const position = /_(\d+)$/.exec(name)?.[1]
  if (declared !== null) confidences.set(position === undefined ? null : Number(position) - 1, declared)
}

function begin(gathered: Gathered, text: string): (line: string) => void {
  const position = gathered.texts.push(text.replace(/\*+$/, '').trim()) - 1
  return (line) => {
    gathered.texts[position] = `${gathered.texts[position] ?? ''} ${line}`.trim()
  }
}

function finished({ texts, confidences, reasoning }: Gathered): ParsedAsset {
  const given = texts
    .map((text, position) => ({ text, confidence: confidences.get(position) ?? confidences.get(null) ?? null }))
    .filter(({ text }) => text !== '')
  return {
    texts: given.map(({ text }) => text),
    confidences: given.map(({ confidence }) => confidence),
    reasoning,
    citations: [],
  }
}
