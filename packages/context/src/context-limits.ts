/** What one index reads at most. Beyond a file's size the file is skipped with its reason; beyond the others the index fails. */
export interface ContextLimits {
  /** Bytes of one file. @default 10 MiB */
  readonly fileBytes: number
  /** Files read. @default 10000 */
  readonly files: number
  /** Bytes of all files read. @default 256 MiB */
  readonly totalBytes: number
  /** Bytes a Git server may send. @default 512 MiB */
  readonly packBytes: number
  /** Time for one request to a source. @default 60 s */
  readonly requestTimeoutMs: number
}

export const defaultContextLimits: ContextLimits = {
  fileBytes: 10 * 1024 * 1024,
  files: 10_000,
  totalBytes: 256 * 1024 * 1024,
  packBytes: 512 * 1024 * 1024,
  requestTimeoutMs: 60_000,
}

/** A number of bytes as people say it, such as `3.2 MiB`. */
export function sayBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}
