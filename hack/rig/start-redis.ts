import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePorts } from '../cluster/free-port.ts'
import { logTail, openProcessGroup } from '../cluster/process-group.ts'

/** A Redis server on a loopback port; it ends with this process and keeps nothing. */
export interface RunningRedis {
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

/**
 * Starts the system's `redis-server`, on any free port unless told otherwise. Throws an error of one line when the system has
 * none, and with the end of its log when it does not start.
 */
export async function startRedis(options: { readonly dataDir: string; readonly port?: number }): Promise<RunningRedis> {
  const { dataDir } = options
  const found = spawnSync('redis-server', ['--version'], { encoding: 'utf8' })
  if (found.status !== 0)
    throw new Error('This system has no redis-server. Install the package redis-server (name of Debian).')
  mkdirSync(dataDir, { recursive: true })
  const [free = 0] = options.port === undefined ? await freePorts(1) : [options.port]
  const logPath = join(dataDir, 'redis.log')
  const group = await openProcessGroup(join(dataDir, 'redis.pids'), 'owned')
  const settings = { port: String(free), bind: '127.0.0.1', save: '', appendonly: 'no', dir: dataDir }
  try {
    const program = await group.start({
      name: 'redis',
      command: 'redis-server',
      args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
      logPath,
      cwd: dataDir,
    })
    let ended = false
    program.exited.then(() => {
      ended = true
    })
    const until = Date.now() + 20_000
    while (!(await answers(free))) {
      if (ended || Date.now() > until)
        throw new Error(`Redis did not start. The end of ${logPath}:\n${logTail(logPath)}`)
      await delay(25)
    }
    return { url: `redis://127.0.0.1:${free}`, port: free, stop: () => group.stop({ graceMs: 5_000 }) }
  } catch (error) {
    await group.stop({ graceMs: 0 })
    throw error
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(1_000, () => end(false))
    socket.once('data', (data) => end(data.toString().startsWith('+PONG')))
    socket.once('error', () => end(false))
  })
}
