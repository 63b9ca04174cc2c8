import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openProcessGroup, stopRecordedProcesses } from './process-group.ts'
import { birthOf, isAlive, readRecords, writeRecords } from './process-record.ts'

let dir: string
let recordPath: string

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'amx-process-group-'))
  recordPath = join(dir, 'pids')
})

afterEach(async () => {
  await stopRecordedProcesses(recordPath, { graceMs: 0 })
  rmSync(dir, { recursive: true, force: true })
})

function sleeper(name = 'sleeper') {
  return { name, command: 'sleep', args: ['600'], logPath: join(dir, `${name}.log`) }
}

test('a program is recorded while it runs, and forgotten when it was stopped', async () => {
  const group = await openProcessGroup(recordPath, 'owned')
  const program = await group.start(sleeper())
  expect(readRecords(recordPath)).toEqual([{ name: 'sleeper', pid: program.pid, birth: birthOf(program.pid) }])
  await group.stop({ graceMs: 5_000 })
  expect(await program.exited).toEqual({ code: null, signal: 'SIGTERM' })
  expect(existsSync(recordPath)).toBe(false)
})

test('a program that ignores SIGTERM is killed after the grace period, and so are its children', async () => {
  const group = await openProcessGroup(recordPath, 'owned')
  const script = "trap '' TERM; sleep 600 & echo $!; wait; wait"
  const logPath = join(dir, 'stubborn.log')
  const program = await group.start({ name: 'stubborn', command: 'sh', args: ['-c', script], logPath })
  const childPid = await vi.waitUntil(() => Number(readFileSync(logPath, 'utf8').trim()) || undefined)
  await group.stop({ graceMs: 50 })
  expect((await program.exited).signal).toBe('SIGKILL')
  await vi.waitUntil(() => birthOf(childPid) === undefined)
})

test('what an interrupted owner left is ended before anything new starts', async () => {
  const left = await (await openProcessGroup(recordPath, 'detached')).start(sleeper('left'))
  await openProcessGroup(recordPath, 'detached')
  expect((await left.exited).signal).toBe('SIGTERM')
})

test('a record whose process id now belongs to another process is left alone', async () => {
  const stranger = spawn('sleep', ['600'])
  try {
    const pid = stranger.pid ?? 0
    writeRecords(recordPath, [{ name: 'old', pid, birth: 'earlier' }])
    await openProcessGroup(recordPath, 'detached')
    expect(birthOf(pid)).toBeDefined()
  } finally {
    stranger.kill('SIGKILL')
  }
})

test('a program that does not exist is an error that names it', async () => {
  const group = await openProcessGroup(recordPath, 'detached')
  await expect(group.start({ ...sleeper(), command: join(dir, 'nothing') })).rejects.toThrow('nothing')
})

test.each([
  ['SIGKILL', 'stays'],
  ['SIGTERM', 'stays'],
  ['SIGKILL', 'is gone'],
] as const)('owned programs end when %s ends their owner, whose record %s', async (signal, record) => {
  const owner = join(dir, 'owner.ts')
  const groupModule = join(import.meta.dirname, 'process-group.ts')
  writeFileSync(
    owner,
    `import { openProcessGroup } from ${JSON.stringify(groupModule)}
     const group = await openProcessGroup(${JSON.stringify(recordPath)}, 'owned')
     await group.start(${JSON.stringify(sleeper())})
     console.log('started')
     setInterval(() => {}, 60_000)`,
  )
  const child = spawn(process.execPath, [owner], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  const records = readRecords(recordPath)
  expect(records.map(isAlive)).toEqual([true])
  if (record === 'is gone') rmSync(recordPath)
  child.kill(signal)
  await vi.waitUntil(() => !records.some(isAlive), { timeout: 10_000 })
  await vi.waitUntil(() => !existsSync(recordPath))
})
