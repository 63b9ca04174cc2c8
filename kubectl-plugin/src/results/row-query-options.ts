import { canonicalAssetPath, type ResultFilter, resultListFilters, resultSorts, sortOrders } from '@amx/api'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { collect } from '../connection/connection-options.ts'
import type { RowQuery } from './all-results.ts'
import { listOption } from './list-option.ts'

/** Flags of {@link addRowQueryOptions} as commander gives them. */
export interface RowQueryOptions extends RowQuery {
  readonly columnType?: readonly string[]
  readonly minScore?: number
  readonly maxScore?: number
}

/** Adds the flags that say which rows of a run, and in which order. */
export function addRowQueryOptions(command: Command): Command {
  return command
    .addOption(listOption('--status <status>', 'rows whose drafting ended so', resultListFilters.status))
    .addOption(listOption('--state <state>', 'rows in this state', resultListFilters.state))
    .addOption(listOption('--band <band>', 'rows of this band', resultListFilters.band))
    .addOption(listOption('--kind <kind>', 'rows of this kind', resultListFilters.kind))
    .addOption(listOption('--source <source>', 'rows whose text is from here', resultListFilters.source))
    .addOption(listOption('--apply-outcome <outcome>', 'rows whose write ended so', resultListFilters.applyOutcome))
    .option('--target <database>', 'rows of this DatabaseProfile; can be given several times', collect)
    .option('--schema <asset>', 'rows of this schema; can be given several times', collectPath)
    .option('--table <asset>', 'rows of this table; can be given several times', collectPath)
    .option('--column-name <name>', 'columns of this name; can be given several times', collect)
    .option('--column-type <type>', 'columns of this data type; can be given several times', collect)
    .option('--path <pattern>', 'rows whose path is like this, with * for anything and ? for one character')
    .option('--search <text>', 'rows whose path, texts or comment contain this')
    .option('--min-score <score>', 'rows with this score or a higher one, 0 to 1', share)
    .option('--max-score <score>', 'rows with this score or a lower one, 0 to 1', share)
    .option('--has-citations [yes]', 'rows that stand on files (no: the others)', yesOrNo)
    .option('--has-comment [yes]', 'rows with a comment in the database (no: the others)', yesOrNo)
    .option('--has-warnings [yes]', 'rows with warnings (no: the others)', yesOrNo)
    .addOption(new Option('--sort <by>', 'order of the rows').choices([...resultSorts]))
    .addOption(new Option('--order <order>', 'which end comes first').choices([...sortOrders]))
}

/** What the flags ask for; empty when none was given. */
export function rowQueryOf(options: RowQueryOptions): RowQuery {
  const query: Record<string, unknown> = {}
  for (const name of namesOfSameFlag) if (options[name] !== undefined) query[name] = options[name]
  if (options.columnType !== undefined) query['dataType'] = options.columnType
  if (options.minScore !== undefined) query['minimumScore'] = options.minScore
  if (options.maxScore !== undefined) query['maximumScore'] = options.maxScore
  return query
}

const namesOfSameFlag = [
  ...(Object.keys(resultListFilters) as (keyof ResultFilter)[]),
  'path',
  'search',
  'hasCitations',
  'hasComment',
  'hasWarnings',
  'sort',
  'order',
] as const satisfies readonly (keyof RowQuery)[]

function collectPath(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return collect(canonicalAssetPath(value), earlier)
}

function share(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && value <= 1) return value
  throw new InvalidArgumentError('Write a number from 0 to 1.')
}

function yesOrNo(text: string): boolean {
  if (text === 'yes' || text === 'no') return text === 'yes'
  throw new InvalidArgumentError('Write yes or no.')
}
