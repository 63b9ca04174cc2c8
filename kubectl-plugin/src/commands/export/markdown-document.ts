import { formatAssetPath, parseAssetPath } from '@amx/api'
import { citationPlace, fileCitations } from '../../results/citation-text.ts'
import { groupedBy } from '../../results/grouped-by.ts'
import type { Described } from './described-rows.ts'

/** A data dictionary: a section per schema, below it one per table with a table of its columns. Pure. */
export function markdownDocument(described: readonly Described[], about: string): string {
  const lines = [`# Data dictionary`, '', `From ${inline(about)}.`]
  const targets = groupedBy(described, ({ target }) => target)
  for (const [target, members] of targets) {
    if (targets.size > 1) lines.push('', `**Database:** ${inline(target)}`)
    lines.push(...textsOf(members.filter(({ kind }) => kind === 'Database')))
    const schemas = groupedBy(
      members.filter(({ kind }) => kind !== 'Database'),
      ({ path }) => formatAssetPath(parseAssetPath(path).slice(0, 1)),
    )
    for (const [schema, inSchema] of schemas) lines.push('', `## ${inline(schema)}`, ...schemaSection(inSchema))
  }
  return `${lines.join('\n')}\n`
}

function schemaSection(members: readonly Described[]): string[] {
  const lines = textsOf(members.filter(({ kind }) => kind === 'Schema'))
  const tables = groupedBy(
    members.filter(({ kind }) => kind !== 'Schema'),
    ({ path }) => formatAssetPath(parseAssetPath(path).slice(0, 2)),
  )
  for (const [table, inTable] of tables) {
    lines.push('', `### ${inline(table)}`, ...textsOf(inTable.filter(({ kind }) => kind !== 'Column')))
    const columns = inTable.filter(({ kind }) => kind === 'Column')
    if (columns.length === 0) {
      lines.push(...sourcesOf(inTable))
      continue
    }
    lines.push('', '| Column | Description | Confidence |', '|---|---|---|')
    for (const { path, text, row } of columns) {
      const name = formatAssetPath(parseAssetPath(path).slice(2))
      lines.push(`| ${inline(name)} | ${inline(text)} | ${row.band ?? '–'} |`)
    }
    lines.push(...sourcesOf(inTable))
  }
  return lines
}

/** Where the texts of a table come from, as far as it is a file that a reader can open. */
function sourcesOf(members: readonly Described[]): string[] {
  const entries = members.flatMap(({ path, kind, row }) => {
    const name = kind === 'Column' ? formatAssetPath(parseAssetPath(path).slice(2)) : 'the table'
    return fileCitations(row.citations).map(
      (citation) => `- ${inline(name)}: ${inline(citationPlace(citation))}, “${inline(citation.snippet)}”`,
    )
  })
  return entries.length === 0 ? [] : ['', 'Sources:', '', ...entries]
}

function textsOf(members: readonly Described[]): string[] {
  return members.flatMap(({ text }) => ['', inline(text)])
}

/** Text that Markdown shows as it is, on one line. */
function inline(text: string): string {
  return text
    .trim()
    .replaceAll(/[\\`*_[\]<>|~#&$]/g, '\\$&')
    .replace(/^([-+=]|\d+(?=[.)]))/, (start) => (/\d/.test(start) ? `${start}\\` : `\\${start}`))
    .replaceAll(/\s*\r?\n\s*/g, '<br>')
    .replaceAll(/\p{Cc}/gu, ' ')
}
