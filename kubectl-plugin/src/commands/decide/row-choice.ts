import {
  type AssetKind,
  assetKinds,
  type ConfidenceBand,
  canonicalAssetPath,
  type DecisionFilter,
  type DecisionItem,
  type DraftSource,
  draftSources,
  type ResultRow,
  type ReviewState,
  reviewStates,
  type Verdict,
} from '@amx/api'
import type { Command } from 'commander'
import { collect, usageError } from '../../connection/connection-options.ts'
import { re2Pattern } from '../../re2-pattern.ts'
import type { RowQuery } from '../../results/all-results.ts'
import { listOption } from '../../results/list-option.ts'

/** Flags that say which rows of a draft are decided, where no asset is named. */
export interface RowChoice {
  readonly all?: boolean
  readonly high?: boolean
  readonly medium?: boolean
  readonly low?: boolean
  readonly table?: readonly string[]
  readonly kind?: readonly AssetKind[]
  readonly state?: readonly ReviewState[]
  readonly source?: readonly DraftSource[]
  readonly columnName?: string
  readonly columnType?: string
  readonly search?: string
  readonly filter?: string
  readonly withTexts?: boolean
}

/** Gives a command the flags of {@link RowChoice}. */
export function addRowChoice(command: Command): Command {
  return command
    .option('--all', 'every row')
    .option('--high', 'every row of the band High')
    .option('--medium', 'every row of the band Medium')
    .option('--low', 'every row of the band Low, and those without a score')
    .option('--table <asset>', 'rows of this table and its columns; can be given several times', collect)
    .addOption(listOption('--kind <kind>', 'rows of this kind', assetKinds))
    .addOption(
      listOption('--state <state>', 'rows in this state of review (default: those that are open)', reviewStates),
    )
    .addOption(listOption('--source <source>', 'rows whose text stands on this', draftSources))
    .option('--column-name <name>', 'columns of this name, in whatever table')
    .option('--column-type <type>', 'columns of this data type')
    .option('--search <text>', 'rows whose path or text contains this, as the server finds them now')
    .option('--filter <pattern>', 'RE2 pattern that the path of a row must match, as the rows are now')
    .option('--with-texts', 'write out every row with its text, for a file that people read and edit')
}

/** Whether any flag chooses rows. */
export function choosesRows(choice: RowChoice): boolean {
  const { all, high, medium, low, table, kind, state, source, columnName, columnType, search, filter } = choice
  return [all, high, medium, low, table, kind, state, source, columnName, columnType, search, filter].some(Boolean)
}

/** Whether the rows have to be read: a decision itself knows no pattern, and no text of every row. */
export function needsRows({ search, filter, withTexts }: RowChoice): boolean {
  return search !== undefined || filter !== undefined || withTexts === true
}

/** The filter of a decision over the whole draft. Pure; throws AMX-1014 for two bands at once. */
export function filterOf(verdict: Verdict, choice: RowChoice): DecisionFilter {
  const { table, kind, state, source, columnName, columnType } = choice
  return {
    verdict,
    ...bandsOf(choice),
    ...(table !== undefined && { tables: table.map(canonicalAssetPath) }),
    ...(kind !== undefined && { kinds: [...kind] }),
    ...(state !== undefined && { states: [...state] }),
    ...(source !== undefined && { sources: [...source] }),
    ...(columnName !== undefined && { columnName }),
    ...(columnType !== undefined && { dataType: columnType }),
  }
}

function bandsOf(choice: RowChoice): Pick<DecisionFilter, 'minimumConfidence' | 'maximumConfidence'> {
  switch (bandOf(choice)) {
    case 'High':
      return { minimumConfidence: 'High' }
    case 'Medium':
      return { minimumConfidence: 'Medium', maximumConfidence: 'Medium' }
    case 'Low':
      return { maximumConfidence: 'Low' }
    default:
      return {}
  }
}

function bandOf({ all, high, medium, low }: RowChoice): ConfidenceBand | null {
  const chosen = [all, high, medium, low].filter(Boolean).length
  if (chosen > 1) throw usageError('choose one of --all, --high, --medium and --low')
  if (high) return 'High'
  if (medium) return 'Medium'
  return low ? 'Low' : null
}

/** What the server is asked for. Pure; throws AMX-1014 for two bands at once. */
export function rowQueryOfChoice(verdict: Verdict, choice: RowChoice): RowQuery {
  const { table, kind, state, source, columnName, columnType, search } = choice
  const band = bandOf(choice)
  const open: readonly ReviewState[] =
    verdict === 'Restore' ? ['Accepted', 'Skipped', 'Rejected'] : ['Unreviewed', 'Skipped']
  return {
    status: ['Drafted'],
    state: state ?? open,
    ...(band !== null && { band: band === 'Low' ? ['Low', 'None'] : [band] }),
    ...(table !== undefined && { table: table.map(canonicalAssetPath) }),
    ...(kind !== undefined && { kind }),
    ...(source !== undefined && { source }),
    ...(columnName !== undefined && { columnName: [columnName] }),
    ...(columnType !== undefined && { dataType: [columnType] }),
    ...(search !== undefined && { search }),
  }
}

/**
 * The items of a decision about rows as they were read: each names the revision that was seen. Rows that cannot be decided, such as
 * those that are written, or placeholders where the verdict is Accept, are left out. Pure; throws AMX-1014 for a pattern that is none.
 */
export function itemsOf(verdict: Verdict, rows: readonly ResultRow[], choice: RowChoice): DecisionItem[] {
  const pattern = choice.filter === undefined ? null : re2Pattern(choice.filter, '--filter')
  return rows
    .filter((row) => (pattern === null || pattern(row.path)) && mayDecide(verdict, row))
    .map((row) => ({
      asset: row.path,
      ...(row.databaseProfile !== undefined && { target: row.databaseProfile }),
      verdict,
      ...(verdict === 'Accept' && (choice.withTexts ? { text: row.alternatives[0]?.text ?? '' } : { alternative: 1 })),
      ...(row.revision !== undefined && { revision: row.revision }),
    }))
}

function mayDecide(verdict: Verdict, { applyOutcome, alternatives, lock }: ResultRow): boolean {
  if (applyOutcome === 'Applied' || applyOutcome === 'AlreadyThere') return false
  if (verdict !== 'Accept') return true
  const [top] = alternatives
  return top !== undefined && !top.fallback && top.text.trim() !== '' && !lock
}
