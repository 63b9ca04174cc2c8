import { spawn } from 'node:child_process'

/** Sees to it that processes do not outlive this one. */
export interface Watchdog {
  /** The process group of this id is killed when this process ends, however it ends. */
  watch(pid: number): void
  forget(pid: number): void
  /** Kills what is still watched, and ends. */
  close(): void
}

// The list comes through the pipe and not from a file: whoever ends in a hurry also removes folders.
const script = `
pids=" "
while read -r sign pid; do
  case "$sign" in
    +) pids="$pids$pid " ;;
    -) case "$pids" in *" $pid "*) pids="\${pids%% $pid *} \${pids#* $pid }" ;; esac ;;
  esac
done
for pid in $pids; do kill -s KILL -- "-$pid"; done 2>/dev/null
rm -f "$1"
`

/**
 * Starts a shell that does nothing until its standard input closes, which happens however this process ends. At the end
 * it removes the file in which the processes are recorded.
 */
export function startWatchdog(recordPath: string): Watchdog {
  const shell = spawn('/bin/sh', ['-c', script, 'watchdog', recordPath], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const { stdin } = shell
  shell.on('error', () => {})
  stdin.on('error', () => {})
  shell.unref()
  if (hasUnref(stdin)) stdin.unref()
  return {
    watch: (pid) => void stdin.write(`+ ${pid}\n`),
    forget: (pid) => void stdin.write(`- ${pid}\n`),
    close: () => void stdin.end(),
  }
}

function hasUnref(stream: object): stream is { unref(): void } {
  return 'unref' in stream && typeof stream.unref === 'function'
}
