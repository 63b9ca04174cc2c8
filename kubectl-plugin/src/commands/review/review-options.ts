import {
  type AssetKind,
  assetKinds,
  type ConfidenceBand,
  confidenceBands,
  type ReviewState,
  reviewStates,
} from '@amx/api'
import { type Command, Option } from 'commander'
import { usageError } from '../../connection/connection-options.ts'
import type { RowQuery } from '../../results/all-results.ts'
import { pathPattern, type RowFilter } from './screen/row-filter.ts'
import { type Grouping, groupings, type Sort, sorts } from './screen/row-view.ts'
import { type Strategy, strategies } from './screen/state.ts'

export interface ReviewOptions {
  readonly band?: ConfidenceBand | 'None'
  readonly onlyLow?: boolean
  readonly unreviewed?: boolean
  readonly decided?: boolean
  readonly state?: ReviewState
  readonly kind?: AssetKind
  readonly table?: string
  readonly search?: string
  readonly filter?: string
  readonly sort?: Sort
  readonly groupBy?: Grouping
  readonly strategy?: Strategy
  readonly plain?: boolean
  readonly apply?: boolean
  readonly comment?: string
  readonly timeout: string
}

/** The command with everything that can be said about which rows are reviewed, and how. */
export function withReviewOptions(command: Command): Command {
  return command
    .addOption(new Option('--band <band>', 'rows of this band').choices([...confidenceBands, 'None']))
    .option('--only-low', 'rows of the band Low')
    .option('--unreviewed', 'rows nobody decided about, without those that were skipped')
    .option('--decided', 'rows that were decided before as well')
    .addOption(new Option('--state <state>', 'rows of this state').choices([...reviewStates]))
    .addOption(new Option('--kind <kind>', 'rows of this kind').choices([...assetKinds]))
    .option('--table <asset>', 'rows of this table')
    .option('--search <text>', 'rows whose path or text contains this')
    .option('--filter <pattern>', 'rows whose path matches this regular expression')
    .addOption(new Option('--sort <by>', 'order of the rows').choices([...sorts]))
    .addOption(new Option('--group-by <part>', 'group rows on the screen').choices([...groupings]))
    .addOption(new Option('--strategy <strategy>', 'how to begin, in place of the question').choices([...strategies]))
    .option('--plain', 'ask line by line, in place of the whole screen')
}

/** What the server is asked for. Without a word about states, rows that are open for review. */
export function queryOf(options: ReviewOptions): RowQuery {
  const { table, search, kind, sort } = options
  const band = options.onlyLow ? 'Low' : options.band
  const states = statesOf(options)
  return {
    ...(table !== undefined && { table: [table] }),
    ...(search !== undefined && { search }),
    ...(kind !== undefined && { kind: [kind] }),
    ...(band !== undefined && { band: [band] }),
    ...(states !== null && { state: states }),
    ...(sort !== undefined && { sort }),
  }
}

function statesOf({ decided, state, unreviewed }: ReviewOptions): readonly ReviewState[] | null {
  if (decided) return null
  if (state !== undefined) return [state]
  return unreviewed ? ['Unreviewed'] : ['Unreviewed', 'Skipped']
}

/** Whether the options leave rows out that are open for review. */
export function isNarrowed(options: ReviewOptions): boolean {
  const { table, search, kind, band, onlyLow, unreviewed, decided, state, filter } = options
  return [table, search, kind, band, onlyLow, unreviewed, decided, state, filter].some((given) => given !== undefined)
}

/** The test of `--filter`, null without it. Throws AMX-1014 for what is no pattern. */
export function filterOf({ filter }: ReviewOptions): RowFilter | null {
  if (filter === undefined) return null
  const test = pathPattern(filter)
  if (typeof test === 'string') throw usageError(`--filter: ${test}`)
  return test
}
