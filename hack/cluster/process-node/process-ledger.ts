import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { birthOf, endRecorded, type ProcessRecord, readRecords, writeRecords } from '../process-record.ts'
import { startWatchdog } from '../watchdog.ts'

/** The processes that run now, on disk, so that none of them outlives the agent however it ends. */
export interface ProcessLedger {
  add(pid: number): void
  remove(pid: number): void
  close(): void
}

/** Opens the ledger, after ending what an earlier agent may have left in it. */
export async function openProcessLedger(path: string): Promise<ProcessLedger> {
  mkdirSync(dirname(path), { recursive: true })
  await endRecorded(readRecords(path), { graceMs: 0, signal: 'SIGKILL' })
  writeRecords(path, [])
  const records = new Map<number, ProcessRecord>()
  const watchdog = startWatchdog(path)
  return {
    add(pid) {
      watchdog.watch(pid)
      records.set(pid, { name: 'container', pid, birth: birthOf(pid) ?? 'gone' })
      writeRecords(path, [...records.values()])
    },
    remove(pid) {
      watchdog.forget(pid)
      records.delete(pid)
      writeRecords(path, [...records.values()])
    },
    close() {
      watchdog.close()
    },
  }
}
