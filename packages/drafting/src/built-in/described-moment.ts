import type { ColumnFacts } from '../evidence/column-facts.ts'
import { splitName } from '../evidence/name-words.ts'
import { columnPhrase } from './column-phrase.ts'
import { capitalized } from './joined-list.ts'

const irregular = new Set(
  'sent paid born sold begun made seen read built bought won lost done taken given written shown held found left put set'.split(
    ' ',
  ),
)
// What happens by itself: `the session started`, not `was started`.
const active = new Set(
  'started ended finished occurred expired happened arrived departed joined registered died left subscribed unsubscribed enrolled logged'.split(
    ' ',
  ),
)
const adverbs = new Set(['first', 'last', 'next', 'originally', 'previously'])
const prepositions = new Set(['at', 'on', 'date', 'time', 'ts', 'timestamp', 'dt', 'datetime', 'day'])

/** `Date`, `Date and time` or `Time of day`, as the type has it. */
export function momentNoun(facts: ColumnFacts): string {
  if (facts.family === 'Date') return 'Date'
  if (facts.family === 'Timestamp') return 'Date and time'
  if (facts.family === 'Time') return 'Time of day'
  return facts.family === 'Interval' ? 'Length of time' : 'Date'
}

/** Whether a word is a past participle by its form. */
export function isParticiple(word: string): boolean {
  return (
    irregular.has(word) || (/ed$/.test(word) && word.length > 3 && !/^(speed|feed|seed|need|weed|bed|red)$/.test(word))
  )
}

/** The opening of a sentence on a point in time, such as `Date and time when the order was shipped`. */
export function describedMoment(facts: ColumnFacts): string {
  const noun = momentNoun(facts)
  const { entity } = facts.table
  const all = splitName(facts.column.name)
  const tokens = all[0] === facts.table.prefix ? all.slice(1) : all
  const last = tokens.at(-1) ?? ''
  const before = tokens.at(-2) ?? ''
  if ((last === 'from' || last === 'start') && tokens.length > 1) {
    return before === 'valid'
      ? `${noun} from which the ${entity} is valid`
      : `${noun} from which ${periodOf(facts, 'start')} applies to the ${entity}`
  }
  if ((last === 'to' || last === 'until' || last === 'till' || last === 'thru') && tokens.length > 1) {
    return before === 'valid'
      ? `${noun} until which the ${entity} is valid`
      : `${noun} until which ${periodOf(facts, 'end')} applies to the ${entity}`
  }
  const participle = prepositions.has(last) ? before : last
  // `Order was ordered` says nothing; what happened is the entity itself.
  if (isParticiple(participle) && isItself(participle, entity)) return `${noun} of the ${entity}`
  if (prepositions.has(last) && isParticiple(before)) return `${noun} when ${happening(facts, before, tokens.at(-3))}`
  if (isParticiple(last) && facts.family !== 'Interval') return `${noun} when ${happening(facts, last, before)}`
  if (prepositions.has(last) && /^(?:expires|starts|ends|begins|closes|opens)$/.test(before))
    return `${noun} when the ${entity} ${before}`
  const phrase = columnPhrase(facts)
  if (last === 'at' || last === 'on') return `${noun} of the ${phrase.replace(/ (?:at|on)$/, '')} of the ${entity}`
  if (phrase === 'date' || phrase === 'day' || phrase === 'timestamp' || phrase === 'time')
    return `${noun} of the ${entity}`
  return `${capitalized(phrase)} of the ${entity}`
}

function happening(facts: ColumnFacts, participle: string, before: string | undefined): string {
  const adverb = before !== undefined && adverbs.has(before) ? `${before} ` : ''
  const { entity } = facts.table
  const own =
    before !== undefined && adverb === '' && !entity.split(' ').includes(before) && before !== facts.table.prefix
      ? before
      : null
  const subject = own === null ? entity : `${own} of the ${entity}`
  return active.has(participle) ? `the ${subject} ${adverb}${participle}` : `the ${subject} was ${adverb}${participle}`
}

function periodOf(facts: ColumnFacts, end: string): string {
  const phrase = columnPhrase(facts).replace(/ (?:from|to|until|till|thru|start)$/, '')
  return phrase === '' ? `the ${end} of the period` : `the ${phrase}`
}

function isItself(participle: string, entity: string): boolean {
  const last = entity.split(' ').at(-1) ?? ''
  const stem = participle === 'paid' ? 'payment' : participle.replace(/e?d$/, '')
  return stem.length >= 3 && last.startsWith(stem)
}
