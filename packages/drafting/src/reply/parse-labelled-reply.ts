import type { ParsedAsset, ParsedReply } from './parsed-reply.ts'

interface Gathered {
  texts: string[]
  reasoning: string | null
}

const label =
  /^\s*(?:[-*#>]+\s*)?\**(TABLE_DESCRIPTION(?:_\d+)?|TABLE|COLUMN|DESCRIPTION(?:_\d+)?|CONFIDENCE(?:_\d+)?|REASONING)\**\s*:\s*\**\s*(.*)$/i

/** Reads the labelled text of models that do not write JSON: `COLUMN:`, `DESCRIPTION_1:`, `TABLE_DESCRIPTION_1:`, `REASONING:`. Null when no label holds a text. */
export function parseLabelledReply(content: string): ParsedReply | null {
  const table: Gathered = { texts: [], reasoning: null }
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
      current = columns.get(column) ?? { texts: [], reasoning: null }
      columns.set(column, current)
    } else if (kind === 'TABLE_DESCRIPTION') extend = begin(table, text)
    else if (kind === 'DESCRIPTION' && current !== null) extend = begin(current, text)
    else if (kind === 'REASONING') (current ?? table).reasoning = text.trim() || null
  }
  const spoken = table.texts.length > 0 || [...columns.values()].some(({ texts }) => texts.length > 0)
  if (!spoken) return null
  return {
    table: table.texts.length > 0 ? finished(table) : null,
    columns: new Map([...columns].map(([name, gathered]) => [name, finished(gathered)])),
  }
}

function begin(gathered: Gathered, text: string): (line: string) => void {
  const position = gathered.texts.push(text.replace(/\*+$/, '').trim()) - 1
  return (line) => {
    gathered.texts[position] = `${gathered.texts[position] ?? ''} ${line}`.trim()
  }
}

function finished({ texts, reasoning }: Gathered): ParsedAsset {
  return { texts: texts.filter((text) => text !== ''), reasoning, citations: [] }
}
