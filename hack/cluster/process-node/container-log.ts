import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** One line of a container's output, or a piece of one: without its line break, which `whole` lines had. */
export interface LogLine {
  time: string
  stream: 'stdout' | 'stderr'
  extent: 'whole' | 'piece'
  text: Buffer
}

/** Where a container's output goes. */
export interface ContainerLog {
  write(stream: 'stdout' | 'stderr', chunk: Buffer): void
  /** Writes what came last without a line break and tells followers that nothing more comes. */
  close(): void
}

interface OpenLog {
  followers: Set<LogFollower>
}

interface LogFollower {
  line(line: LogLine): void
  end(): void
}

const newline = 0x0a
const longestPieceBytes = 16 * 1024
const rotateAtBytes = 16 * 1024 * 1024
const openLogs = new Map<string, OpenLog>()

/**
 * Opens the log of one run of a container: a file with a line of `time stream F|P text` for each line of output (the
 * format of container runtimes). A file of 16 MiB is moved aside to `.1`, so a log takes at most 32 MiB.
 */
export function openContainerLog(path: string): ContainerLog {
  mkdirSync(dirname(path), { recursive: true })
  let file = openSync(path, 'w', 0o600)
  let written = 0
  const rests: Record<'stdout' | 'stderr', Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) }
  const log: OpenLog = { followers: new Set() }
  openLogs.set(path, log)

  function append(lines: LogLine[]): void {
    if (lines.length === 0) return
    const bytes = Buffer.concat(lines.map(encodeLine))
    writeSync(file, bytes)
    written += bytes.length
    for (const follower of log.followers) for (const line of lines) follower.line(line)
    if (written < rotateAtBytes) return
    closeSync(file)
    renameSync(path, `${path}.1`)
    file = openSync(path, 'w', 0o600)
    written = 0
  }

  return {
    write(stream, chunk) {
      const time = new Date().toISOString()
      const lines: LogLine[] = []
      let rest = rests[stream].length === 0 ? chunk : Buffer.concat([rests[stream], chunk])
      for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
        lines.push({ time, stream, extent: 'whole', text: rest.subarray(0, end) })
        rest = rest.subarray(end + 1)
      }
      while (rest.length > longestPieceBytes) {
        lines.push({ time, stream, extent: 'piece', text: rest.subarray(0, longestPieceBytes) })
        rest = rest.subarray(longestPieceBytes)
      }
      rests[stream] = Buffer.from(rest)
      append(lines)
    },
    close() {
      const time = new Date().toISOString()
      for (const stream of ['stdout', 'stderr'] as const) {
        if (rests[stream].length > 0) append([{ time, stream, extent: 'piece', text: rests[stream] }])
      }
      closeSync(file)
      openLogs.delete(path)
      for (const follower of log.followers) follower.end()
    },
  }
}

function encodeLine(line: LogLine): Buffer {
  const head = Buffer.from(`${line.time} ${line.stream} ${line.extent === 'whole' ? 'F' : 'P'} `)
  return Buffer.concat([head, line.text, Buffer.from('\n')])
}

/** The lines of a log as far as they are written; none for a log that was never opened. */
export function readLog(path: string): LogLine[] {
  return [`${path}.1`, path].filter((each) => existsSync(each)).flatMap((each) => decodeLines(readFileSync(each)))
}

function decodeLines(bytes: Buffer): LogLine[] {
  const lines: LogLine[] = []
  let start = 0
  for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
    const line = bytes.subarray(start, end)
    start = end + 1
    const timeEnd = line.indexOf(' ')
    const streamEnd = line.indexOf(' ', timeEnd + 1)
    if (timeEnd < 0 || streamEnd < 0) continue
    lines.push({
      time: line.toString('latin1', 0, timeEnd),
      stream: line.toString('latin1', timeEnd + 1, streamEnd) === 'stderr' ? 'stderr' : 'stdout',
      extent: line[streamEnd + 1] === 0x46 ? 'whole' : 'piece',
      text: line.subarray(streamEnd + 3),
    })
  }
  return lines
}

/**
 * The lines from now on, until the run ends or the function it gives is called. Called in the same turn as `readLog`, it
 * misses no line and repeats none. Ends at once for a run that is over.
 */
export function followLog(path: string, follower: LogFollower): () => void {
  const log = openLogs.get(path)
  if (log === undefined) {
    follower.end()
    return () => {}
  }
  log.followers.add(follower)
  return () => log.followers.delete(follower)
}

/** The end of a log as a termination message: at most 80 lines and 2,048 bytes, the kubelet's limits. */
export function logTail(path: string): string {
  const lines = readLog(path).slice(-80)
  const text = Buffer.concat(lines.map(lineBytes))
  return text.subarray(Math.max(0, text.length - 2_048)).toString('utf8')
}

/** A line as the program wrote it. */
export function lineBytes(line: LogLine): Buffer {
  return line.extent === 'whole' ? Buffer.concat([line.text, Buffer.from('\n')]) : line.text
}
