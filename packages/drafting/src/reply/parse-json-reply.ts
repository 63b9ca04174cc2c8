import { declaredConfidence, type ParsedAsset, type ParsedReply } from './parsed-reply.ts'

/** Reads a reply that is JSON, or has a JSON object in a fence or among prose; null when there is none that fits. */
export function parseJsonReply(content: string): ParsedReply | null {
  for (const candidate of jsonCandidates(content)) {
    const value = parsed(candidate)
    const reply = value === undefined ? null : replyOf(value)
    if (reply !== null) return reply
  }
  return null
}

function* jsonCandidates(content: string): Generator<string> {
  yield content
  for (const [, fenced] of content.matchAll(/```(?:json|JSON)?\s*\n?([\s\S]*?)```/g)) yield fenced ?? ''
  for (
    let start = content.indexOf('{'), tries = 0;
    start !== -1 && tries < 20;
    start = content.indexOf('{', start + 1), tries += 1
  ) {
    const end = endOfObject(content, start)
    if (end === null) return
    yield content.slice(start, end)
  }
}

/** The position after the brace that closes the one at `start`; null when it is never closed. */
function endOfObject(content: string, start: number): number | null {
  let depth = 0
  let inString = false
  for (let index = start; index < content.length; index += 1) {
    const character = content[index]
    if (inString) {
      if (character === '\\') index += 1
      else if (character === '"') inString = false
      continue
    }
    if (character === '"') inString = true
    else if (character === '{') depth += 1
    else if (character === '}') {
      depth -= 1
      if (depth === 0) return index + 1
    }
  }
  return null
}

function replyOf(value: unknown): ParsedReply | null {
  if (!isRecord(value)) return null
  const { columns: listed, table } = value
  const columns = new Map<string, ParsedAsset>()
  if (Array.isArray(listed)) {
    for (const entry of listed) {
      if (isRecord(entry) && typeof entry['name'] === 'string') columns.set(entry['name'], assetOf(entry))
    }
  } else if (isRecord(listed)) {
    // Some models answer with an object by column name.
    for (const [name, entry] of Object.entries(listed))
      columns.set(name, isRecord(entry) ? assetOf(entry) : assetOf({ alternatives: entry }))
  } else if (!isRecord(table)) return null
  return { table: isRecord(table) ? assetOf(table) : null, columns }
}

function assetOf(entry: Record<string, unknown>): ParsedAsset {
  const listed = entry['alternatives'] ?? entry['descriptions'] ?? entry['description'] ?? []
  const list: unknown[] = Array.isArray(listed) ? listed : [listed]
  const given = list.flatMap((item) => {
    const text = isRecord(item) ? (item['text'] ?? item['description']) : item
    const confidence = declaredConfidence(isRecord(item) ? item['confidence'] : entry['confidence'])
    return typeof text === 'string' ? [{ text, confidence }] : []
  })
  const citations = Array.isArray(entry['citations'])
    ? entry['citations'].filter((item) => typeof item === 'string')
    : []
  const reasoning =
    typeof entry['reasoning'] === 'string' && entry['reasoning'].trim() !== '' ? entry['reasoning'].trim() : null
  return {
    texts: given.map(({ text }) => text),
    confidences: given.map(({ confidence }) => confidence),
    reasoning,
    citations,
    ...quotesOf(entry['citations']),
    ...namesOf(entry['from']),
  }
}

function quotesOf(value: unknown): Pick<ParsedAsset, 'quotes'> {
  if (!Array.isArray(value)) return {}
  const quotes = value.flatMap((item: unknown) => {
    if (!isRecord(item)) return []
    const { excerpt, quote } = item
    return typeof excerpt === 'string' ? [{ excerpt, quote: typeof quote === 'string' ? quote : '' }] : []
  })
  return quotes.length === 0 ? {} : { quotes }
}

function namesOf(value: unknown): Pick<ParsedAsset, 'from'> {
  if (!Array.isArray(value)) return {}
  return { from: value.filter((item) => typeof item === 'string') }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
