import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * A process as it is written to disk. The birth tells it from a later process with the same id, so that nothing but
 * what we started is ever signalled.
 */
export interface ProcessRecord {
  name: string
  pid: number
  birth: string
}

/** When a living process began, in the system's own notation; undefined for one that is gone or a zombie. */
export function birthOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    let stat: string
    try {
      stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    } catch {
      return undefined
    }
    // The command's name stands in brackets and can hold anything, spaces and brackets too.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state] = fields
    return state === 'Z' || state === 'X' ? undefined : fields[19]
  }
  const answer = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
  return answer.stdout.trim().replaceAll(/\s+/g, '_') || undefined
}

export function isAlive(record: ProcessRecord): boolean {
  return birthOf(record.pid) === record.birth
}

/** The processes a file names, one per line: name, process id, birth. A file that is not there names none. */
export function readRecords(path: string): ProcessRecord[] {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [name, pid, birth] = line.split(' ')
      return name && pid && birth ? [{ name, pid: Number(pid), birth }] : []
    })
}

/** Writes the file anew; no records remove it. */
export function writeRecords(path: string, records: readonly ProcessRecord[]): void {
  if (records.length === 0) {
    rmSync(path, { force: true })
    return
  }
  writeFileSync(path, records.map((record) => `${record.name} ${record.pid} ${record.birth}\n`).join(''))
}

/** Ends the process groups of the records that still live: the signal, and SIGKILL for what is left after the grace period. */
export async function endRecorded(
  records: readonly ProcessRecord[],
  options: { graceMs: number; signal?: NodeJS.Signals },
): Promise<void> {
  for (const record of records) signalGroup(record, options.signal ?? 'SIGTERM')
  if (await allGone(records, options.graceMs)) return
  for (const record of records) signalGroup(record, 'SIGKILL')
  await allGone(records, 5_000)
}

function signalGroup(record: ProcessRecord, signal: NodeJS.Signals): void {
  if (!isAlive(record)) return
  for (const target of [-record.pid, record.pid]) {
    try {
      process.kill(target, signal)
      return
    } catch {
      // No such group, or the process ended between the look and the call.
    }
  }
}

async function allGone(records: readonly ProcessRecord[], withinMs: number): Promise<boolean> {
  const until = Date.now() + withinMs
  while (records.some(isAlive)) {
    if (Date.now() > until) return false
    await delay(15)
  }
  return true
}
