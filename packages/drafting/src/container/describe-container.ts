import {
  type ContainerBrief,
  type ContainerMember,
  type DraftRow,
  type GenerationSettings,
  parseAssetPath,
} from '@amx/api'
import { joinedList } from '../built-in/joined-list.ts'
import { clarityOf, phraseOf, readName } from '../evidence/name-words.ts'
import { entityOf, pluralOf } from '../evidence/table-words.ts'
import { distinctTexts } from '../reply/distinct-texts.ts'
import { containerEvidence, counted } from './container-evidence.ts'
import { containerRow } from './container-row.ts'

const shownSubjects = { Brief: 6, Detailed: 10, Comprehensive: 16, Exhaustive: 30 } as const

/** The row the rule-based drafter writes about a schema or database, from the names and texts of its parts. */
export function describeContainer(brief: ContainerBrief, generation: GenerationSettings): DraftRow {
  const kept = brief.comment === null || brief.comment.trim() === '' ? [] : [brief.comment]
  const own = describedTexts(brief, shownSubjects[generation.verbosity])
  const texts = [...kept, ...distinctTexts(own, generation.verbosity, kept)].slice(0, generation.alternatives)
  const grounds = `the names${brief.describedCount > 0 ? ' and descriptions' : ''} of its ${brief.kind === 'Schema' ? 'tables' : 'schemas'}`
  const drafted = {
    texts,
    padding: [],
    source: kept.length > 0 ? ('provided' as const) : ('profile' as const),
    reasoning:
      kept.length > 0
        ? `The first alternative is the comment that is already there; the others are written by rule from ${grounds}.`
        : `Written by rule from ${grounds}.`,
    warnings: [],
    callIds: [],
    evidence: containerEvidence(brief),
  }
  return containerRow(brief, drafted, generation)
}

/** Five distinct texts: what it is about by its parts, how many there are, how many nobody described. */
export function describedTexts(brief: ContainerBrief, limit: number): string[] {
  const { kind, members, memberCount, describedCount } = brief
  const subjects = subjectsOf(members)
  const shown = subjects.length > limit ? [...subjects.slice(0, limit), 'more'] : subjects
  const about = shown.length === 0 ? 'parts whose names do not tell what they hold' : joinedList(shown)
  const area = areaOf(brief)
  const size = `${kind === 'Schema' ? 'Holds' : 'Consists of'} ${partsOf(brief)}.`
  const unknown = memberCount - describedCount
  const gap =
    unknown > 0 && unknown < memberCount ? ` ${unknown} of them ${unknown === 1 ? 'is' : 'are'} not described.` : ''
  return [
    `${area === null ? 'Data' : `${area} data`} on ${about}. ${size}${gap}`,
    `Keeps the data on ${about}${area === null ? '' : `, for ${area.toLowerCase()}`}. ${size}`,
    `Brings together ${about}. ${size}`,
    `Covers ${about}. ${size}`,
    `Where ${about} ${shown.length === 1 && shown[0]?.endsWith('s') !== true ? 'is' : 'are'} kept. ${size}`,
  ]
}

/** What the parts are about, in the plural, the described ones first; each once. */
function subjectsOf(members: readonly ContainerMember[]): string[] {
  const clear = members.filter(({ path }) => clarityOf(readName(lastPart(path))) >= 0.5)
  const ordered = [...clear.filter(({ text }) => text !== null), ...clear.filter(({ text }) => text === null)]
  return [
    ...new Set(
      ordered.map(({ path, kind }) =>
        kind === 'Schema' ? phraseOf(readName(lastPart(path))) : pluralOf(entityOf(path)),
      ),
    ),
  ]
}

/** The field the name stands for, capitalized; null when it tells nothing or is a name that every database has. */
function areaOf({ name, kind }: ContainerBrief): string | null {
  const plain = kind === 'Schema' ? lastPart(name) : name
  if (/^(?:public|dbo|main|default|postgres|data|db|database|schema|warehouse)$/i.test(plain)) return null
  const words = readName(plain)
  if (words.length === 0 || clarityOf(words) < 0.5) return null
  const phrase = phraseOf(words)
  return phrase.charAt(0).toUpperCase() + phrase.slice(1)
}

/** Such as `12 tables and 2 views`; by the total alone when only a sample is known. */
function partsOf({ kind, members, memberCount }: ContainerBrief): string {
  if (kind === 'Database') {
    const tables = members.reduce((sum, member) => sum + member.tables, 0)
    const exact = members.length === memberCount && tables > 0
    return `${counted(memberCount, 'Schema')}${exact ? ` with ${counted(tables, 'Table')} in all` : ''}`
  }
  if (members.length < memberCount) return `${memberCount} tables and views`
  const kinds = Map.groupBy(members, (member) => member.kind)
  return joinedList([...kinds].map(([member, listed]) => counted(listed.length, member)))
}

function lastPart(path: string): string {
  return parseAssetPath(path).at(-1) ?? path
}
