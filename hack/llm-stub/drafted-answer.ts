import { type Asked, member } from './chat-request.ts'
import { agentAnswer, mergeAnswer } from './context-answer.ts'
import { textHash } from './seeded-random.ts'
import type { StubSettings } from './stub-options.ts'

/** One alternative of a column as the schema of the answer has it. */
export interface AnsweredAlternative {
  text: string
  confidence: string | number
}

/** What an answer says about one asset. */
export interface AnsweredAsset {
  alternatives: AnsweredAlternative[]
  reasoning: string
  citations?: (string | { excerpt: string; quote: string })[]
  /** Whose candidates a merged text is made of. */
  from?: string[]
}

/** The answer's own shape, before any fault touches it. */
export interface DraftedAnswer {
  table?: { alternatives: (string | AnsweredAlternative)[]; reasoning: string } | null
  columns: (AnsweredAsset & { name: string })[]
}

const openings = ['The ', 'Holds the ', 'States the ', 'Records the ', 'Gives the ']
const places = [' of the ', ' of each ', ' of one ', ' belonging to the ', ' kept with the ']
const purposes = [
  '',
  ', used by reports on sales and stock',
  ', copied every night from the order system',
  ', typed in by the service desk',
  ', needed to settle payments with partners',
  ', set once and never changed afterwards',
  ', a leftover of the system before this one',
]

function words(name: string): string {
  const separated = name.replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2').replace(/[_\s.]+/g, ' ')
  return separated.trim().toLowerCase() || name
}

/** Distinct sentences about a subject: `count` of them, none of which stands in `existing`. */
function sentences(
  subject: string,
  owner: string,
  count: number,
  disagree: 'agree' | 'disagree',
  existing: string,
): string[] {
  const found: string[] = []
  const start = textHash(`${owner}.${subject}`)
  for (let index = 0; found.length < count; index++) {
    const turn = start + index
    const opening = openings[turn % openings.length] ?? ''
    const place = places[Math.floor(turn / openings.length) % places.length] ?? ''
    const kept = disagree === 'agree' ? start : turn
    const purpose = purposes[kept % purposes.length] ?? ''
    const round = index < openings.length * places.length ? '' : ` (reading ${index})`
    const text = `${opening}${words(subject)}${place}${words(owner)}${purpose}${round}.`
    if (!found.includes(text) && !existing.includes(text)) found.push(text)
  }
  return found
}

function agreement(name: string, setting: StubSettings['alternatives']): 'agree' | 'disagree' {
  if (setting !== 'Mixed') return setting === 'Alike' ? 'agree' : 'disagree'
  return textHash(name) % 4 === 0 ? 'disagree' : 'agree'
}

function confidence(index: number, opinion: 'agree' | 'disagree', schema: unknown): string | number {
  const type = member(
    schema,
    'properties',
    'columns',
    'items',
    'properties',
    'alternatives',
    'items',
    'properties',
    'confidence',
    'type',
  )
  const step = Math.min(index + (opinion === 'agree' ? 0 : 1), 2)
  if (type === 'number') return [0.9, 0.6, 0.3][step] ?? 0.3
  return ['high', 'medium', 'low'][step] ?? 'low'
}

/**
 * The answer to what a prompt asks for, always the same for the same request: for every column as many distinct
 * sentences as asked, made of the words of its name. Sentences that stand in the prompt already are not given again.
 */
export function draftedAnswer(
  asked: Asked,
  prompt: string,
  schema: unknown,
  setting: StubSettings['alternatives'],
): DraftedAnswer {
  if (asked.agent !== undefined)
    return asked.agent === 'merge' ? mergeAnswer(asked, prompt) : agentAnswer(asked, prompt)
  const tableName = asked.table.split('.').at(-1) ?? asked.table
  const columns = asked.columns.map((name) => {
    const opinion = agreement(`${asked.table}.${name}`, setting)
    return {
      name,
      alternatives: sentences(name, tableName, asked.alternatives, opinion, prompt).map((text, index) => ({
        text,
        confidence: confidence(index, opinion, schema),
      })),
      reasoning: `The name ${name} and the evidence of ${asked.table} say so.`,
      citations: [],
    }
  })
  if (asked.wantTable) {
    const opinion = agreement(asked.table, setting)
    const alternatives = sentences('records', tableName, asked.alternatives, opinion, prompt)
    return { table: { alternatives, reasoning: `The columns of ${asked.table} say so.` }, columns }
  }
  const tableRequired = member(schema, 'required')
  if (!Array.isArray(tableRequired) || !tableRequired.includes('table')) return { columns }
  const tableType = member(schema, 'properties', 'table', 'type')
  const objectOnly = tableType === 'object'
  return { table: objectOnly ? { alternatives: [], reasoning: '' } : null, columns }
}

/** The answer in the labelled text of routes without structured output. */
export function labelledText(answer: DraftedAnswer): string {
  const lines: string[] = []
  for (const [index, alternative] of (answer.table?.alternatives ?? []).entries())
    lines.push(`TABLE_DESCRIPTION_${index + 1}: ${typeof alternative === 'string' ? alternative : alternative.text}`)
  for (const column of answer.columns) {
    lines.push('', `COLUMN: ${column.name}`)
    for (const [index, { text }] of column.alternatives.entries()) lines.push(`DESCRIPTION_${index + 1}: ${text}`)
    lines.push(`CONFIDENCE: ${column.alternatives[0]?.confidence ?? 'low'}`, `REASONING: ${column.reasoning}`)
  }
  return lines.join('\n').trim()
}
