import type { ChangeRow } from '@amx/api'
import { formatCSV } from '../output/csv.ts'
import { toSecond } from '../output/figures.ts'
import { formatTable } from '../output/table.ts'

/** A change with the run that made it. */
export interface RunChange extends ChangeRow {
  readonly run: string
}

/** Changes as a table, in the order given: when, what, who, and the text before and after. */
export function changeTable(changes: readonly RunChange[], headers: boolean): string[] {
  const heads = ['when', 'run', 'asset', 'outcome', 'decided by', 'applied by', 'before', 'after']
  const lines = changes.map((change) => [
    toSecond(change.appliedAt),
    change.run,
    change.path,
    change.dryRun ? `${change.outcome} (dry run)` : change.outcome,
    change.decidedBy,
    change.appliedBy,
    change.oldText ?? '-',
    change.error === null ? change.newText : `${change.newText} (${change.error})`,
  ])
  return formatTable(heads, lines, { noHeaders: !headers })
}

/** Changes as a CSV file. */
export function changesCSV(changes: readonly RunChange[]): string {
  const heads = [
    'when',
    'run',
    'target',
    'asset',
    'kind',
    'outcome',
    'dry run',
    'decided by',
    'applied by',
    'before',
    'after',
    'statement',
    'error',
  ]
  return formatCSV(
    heads,
    changes.map((change) => [
      change.appliedAt,
      change.run,
      change.target,
      change.path,
      change.kind,
      change.outcome,
      change.dryRun ? 'yes' : 'no',
      change.decidedBy,
      change.appliedBy,
      change.oldText,
      change.newText,
      change.statement,
      change.error,
    ]),
  )
}
