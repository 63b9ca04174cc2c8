import type { ContainerBrief, ContainerMember } from '@amx/api'
import { plainData, quotedData } from '../evidence/quoted-data.ts'

/** Characters the block about all members may take: some 12,000 tokens, which every model in use has room for. */
const longestList = 48_000
/** Characters of a member's text; shorter when there are many. */
const longestText = 400
const shortestText = 80

const nouns = {
  Table: ['table', 'tables'],
  View: ['view', 'views'],
  MaterializedView: ['materialized view', 'materialized views'],
  ForeignTable: ['foreign table', 'foreign tables'],
  Column: ['column', 'columns'],
  Schema: ['schema', 'schemas'],
  Database: ['database', 'databases'],
} as const satisfies Record<ContainerMember['kind'], readonly [string, string]>

/** The kind of a member in words. */
export function nounOf(kind: ContainerMember['kind']): string {
  return nouns[kind][0]
}

/** Such as `3 tables` or `1 view`. */
export function counted(count: number, kind: ContainerMember['kind']): string {
  const [one, many] = nouns[kind]
  return `${count} ${count === 1 ? one : many}`
}

/** What is known of a schema or database, as a model and a reviewer see it; says so when it shows a part only. */
export function containerEvidence(brief: ContainerBrief): string {
  const { kind, name, comment, members, memberCount, describedCount } = brief
  const shownKind = kind === 'Schema' ? 'Table' : 'Schema'
  const head = [
    `${nounOf(kind)}: ${plainData(name)}`,
    ...(comment === null ? [] : [`existing comment: ${quotedData(comment, 1_000)}`]),
    `${kind === 'Schema' ? 'tables and views' : 'schemas'}: ${memberCount}, of which ${describedCount} are described`,
  ]
  const lines = memberLines(members)
  const hidden = memberCount - lines.length
  if (hidden > 0) {
    head.push(
      `Shown is a sample of ${counted(lines.length, shownKind)}, spread evenly over the names; ${hidden} more are not shown.`,
    )
  }
  return [...head, ...lines].join('\n')
}

/** One line per member. Texts become shorter as they get many, and the list ends where it would take too much room. */
function memberLines(members: readonly ContainerMember[]): string[] {
  const described = members.filter(({ text }) => text !== null).length
  const room = Math.floor(longestList / Math.max(1, described))
  const limit = Math.min(longestText, Math.max(shortestText, room - 80))
  const lines: string[] = []
  let length = 0
  for (const member of members) {
    const line = memberLine(member, limit)
    length += line.length + 1
    if (length > longestList) break
    lines.push(line)
  }
  return lines
}

function memberLine({ path, kind, text, tables }: ContainerMember, limit: number): string {
  const size = tables > 0 ? `, ${counted(tables, 'Table')}` : ''
  const head = `- ${plainData(path)} (${nounOf(kind)}${size})`
  return text === null ? head : `${head}: ${quotedData(text, limit)}`
}
