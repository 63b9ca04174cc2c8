import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { ResultRow } from '@amx/api'
import type { Verdict } from './verdict.ts'

/** A verdict of a sitting that was not recorded, and what the reviewer had seen. */
export interface KeptVerdict {
  readonly rowId: string
  readonly path: string
  readonly seen: string
  readonly verdict: Verdict
}

interface KeptFile {
  readonly run: string
  readonly keptAt: string
  readonly verdicts: readonly KeptVerdict[]
}

/** Verdicts with what was seen, ready to be kept. */
export function keptVerdicts(
  verdicts: ReadonlyMap<string, Verdict>,
  rows: ReadonlyMap<string, ResultRow>,
): KeptVerdict[] {
  return [...verdicts].flatMap(([rowId, verdict]) => {
    const row = rows.get(rowId)
    return row === undefined ? [] : [{ rowId, path: row.path, seen: whatWasSeen(row), verdict }]
  })
}

/** What of a row a verdict stands on: its texts, its state, and how often it was decided. */
export function whatWasSeen({ alternatives, existingComment, state, revision }: ResultRow): string {
  const seen = [alternatives.map(({ text }) => text), existingComment, state, revision ?? null]
  return createHash('sha256').update(JSON.stringify(seen)).digest('base64url').slice(0, 22)
}

/** Where verdicts of a run are kept: below `$XDG_STATE_HOME`, or where programs of the platform keep such. */
export function keptFile(env: Readonly<Record<string, string | undefined>>, runUid: string): string {
  return join(stateFolder(env), 'kubectl-amx', 'reviews', `${runUid.replaceAll(/[^\w-]/g, '_')}.json`)
}

/** The verdicts kept for a run; none when there are none, or when the file cannot be read as one. */
export function readKept(file: string): readonly KeptVerdict[] {
  try {
    const { verdicts } = JSON.parse(readFileSync(file, 'utf8')) as KeptFile
    return verdicts.filter(isKept)
  } catch {
    return []
  }
}

/** Keeps verdicts, all or none of them. Synchronous: it is also done when the terminal is going away. */
export function keep(file: string, run: string, verdicts: readonly KeptVerdict[]): void {
  mkdirSync(join(file, '..'), { recursive: true, mode: 0o700 })
  const beside = `${file}.${process.pid}`
  const content: KeptFile = { run, keptAt: new Date().toISOString(), verdicts }
  writeFileSync(beside, `${JSON.stringify(content, null, 1)}\n`, { mode: 0o600 })
  renameSync(beside, file)
}

export function forgetKept(file: string): void {
  rmSync(file, { force: true })
}

function stateFolder(env: Readonly<Record<string, string | undefined>>): string {
  if (env['XDG_STATE_HOME']) return env['XDG_STATE_HOME']
  const home = env['HOME'] || homedir()
  if (process.platform === 'win32') return env['LOCALAPPDATA'] || join(home, 'AppData', 'Local')
  return process.platform === 'darwin' ? join(home, 'Library', 'Application Support') : join(home, '.local', 'state')
}

function isKept(value: unknown): value is KeptVerdict {
  if (typeof value !== 'object' || value === null) return false
  const { rowId, path, seen, verdict } = value as Partial<Record<keyof KeptVerdict, unknown>>
  return (
    typeof rowId === 'string' &&
    typeof path === 'string' &&
    typeof seen === 'string' &&
    typeof verdict === 'object' &&
    verdict !== null &&
    'verdict' in verdict
  )
}
