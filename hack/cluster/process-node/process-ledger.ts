import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { birthOf, endRecorded, type ProcessRecord, readRecords, writeRecords } from '../process-record.ts'

/** The processes that run now, on disk, so that none of them outlives the agent however it ends. */
export interface ProcessLedger {
  add(pid: number): void
  remove(pid: number): void
  close(): void
}

/**
 * A shell that waits until its standard input closes, which happens however the agent ends, and then kills the groups
 * that the file names.
 */
const watchdogScript =
  'cat >/dev/null; [ -f "$1" ] && while read -r name pid birth; do kill -KILL -- "-$pid"; done <"$1" 2>/dev/null; rm -f "$1"'

/** Opens the ledger, after ending what an earlier agent may have left in it. */
export async function openProcessLedger(path: string): Promise<ProcessLedger> {
  mkdirSync(dirname(path), { recursive: true })
  await endRecorded(readRecords(path), { graceMs: 0, signal: 'SIGKILL' })
  writeRecords(path, [])
  const records = new Map<number, ProcessRecord>()
  const watchdog = spawn('/bin/sh', ['-c', watchdogScript, 'watchdog', path], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watchdog.on('error', () => {})
  watchdog.stdin.on('error', () => {})
  watchdog.unref()
  return {
    add(pid) {
      records.set(pid, { name: 'container', pid, birth: birthOf(pid) ?? 'gone' })
      writeRecords(path, [...records.values()])
    },
    remove(pid) {
      records.delete(pid)
      writeRecords(path, [...records.values()])
    },
    close() {
      watchdog.stdin.end()
    },
  }
}
