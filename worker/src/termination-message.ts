import { writeFileSync } from 'node:fs'
import type { WorkerSummary } from '@amx/api'

/** Leaves the summary where the kubelet reads it. */
export function leaveTerminationMessage(path: string, summary: WorkerSummary): void {
  try {
    writeFileSync(path, JSON.stringify(summary))
  } catch {
    // Outside a pod there is no such file; the same summary is the last line of the log.
  }
}

/** The kubelet keeps 4,096 bytes of the message. */
export function shorten(report: { code: string; message: string; remedy: string }) {
  return { code: report.code, message: report.message.slice(0, 1_500), remedy: report.remedy.slice(0, 500) }
}
