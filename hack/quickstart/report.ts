import type { MetadataRun } from '@amx/api'
import type { ReadComment } from './read-comments.ts'

export interface QuickstartReport {
  readonly run: MetadataRun
  readonly tables: number
  readonly columns: number
  readonly comments: readonly ReadComment[]
  /** File to source for KUBECONFIG and PATH. */
  readonly environmentFile: string
}

/** What the quick start ends with: what changed, five comments as the warehouse gives them, and what to try next. */
export function quickstartReport({ run, tables, columns, comments, environmentFile }: QuickstartReport): string {
  const { status } = run
  const { high = 0, medium = 0, low = 0, mean } = status?.confidence ?? {}
  const cost = status?.cost?.amount === undefined ? 'unknown' : `$${status.cost.amount}`
  const written = status?.apply?.applied ?? 0
  const waiting = status?.review?.unreviewed ?? 0
  const name = run.metadata.name ?? ''
  const lines = [
    '',
    `Run ${name}: ${status?.phase}`,
    `  warehouse    ${tables} tables, ${columns} columns`,
    `  drafted      ${status?.columns?.drafted ?? 0} columns, ${status?.progress ?? '0/0'} tables settled, ${status?.columns?.skipped ?? 0} skipped`,
    `  confidence   ${high} high · ${medium} medium · ${low} low${mean === undefined ? '' : ` · mean ${mean}`}`,
    `  cost         ${cost} (${status?.cost?.calls ?? 0} model calls)`,
    `  written      ${written} comments; ${waiting} drafts wait for a person`,
    '',
    'As PostgreSQL gives them:',
    ...comments.map(({ path, text }) => `  ${path}\n    ${text}`),
    '',
    'Next:',
    `  . ${environmentFile}`,
    `  kubectl describe mrun ${name}`,
    `  kubectl amx review ${name}`,
    '',
  ]
  return lines.join('\n')
}
