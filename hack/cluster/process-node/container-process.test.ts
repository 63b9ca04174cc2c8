import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { birthOf } from '../process-record.ts'
import { openContainerLog, readLog } from './container-log.ts'
import { type ContainerProcess, startContainerProcess } from './container-process.ts'
import { openProcessLedger, type ProcessLedger } from './process-ledger.ts'

let folder: string
let logPath: string
let ledger: ProcessLedger

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'amx-process-'))
  logPath = join(folder, '0.log')
  ledger = await openProcessLedger(join(folder, 'processes'))
})

afterEach(() => {
  ledger.close()
  rmSync(folder, { recursive: true, force: true })
})

function start(...words: [string, ...string[]]): Promise<ContainerProcess> {
  const env = { PATH: '/usr/bin:/bin', HERE: folder }
  return startContainerProcess({ words, env, cwd: folder, log: openContainerLog(logPath), ledger })
}

function shell(script: string): Promise<ContainerProcess> {
  return start('/bin/sh', '-c', script)
}

function output(): string[] {
  return readLog(logPath).map(({ text }) => text.toString('utf8'))
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await delay(10)
}

test('a process has the given environment and nothing else, and its output is in the log when it has ended', async () => {
  const child = await shell('env | grep -v -e PWD -e SHLVL -e _= | sort; echo to stderr >&2; exit 3')
  expect(await child.ended).toEqual({ exitCode: 3 })
  expect(output().filter((line) => line !== 'to stderr')).toEqual([`HERE=${folder}`, 'PATH=/usr/bin:/bin'])
  expect(output()).toContain('to stderr')
})

test('SIGTERM reaches the process, which can end in its own way', async () => {
  const child = await shell('trap "echo bye; exit 7" TERM; echo up; while true; do sleep 0.01; done')
  await until(() => output().includes('up'))
  child.terminate()
  expect(await child.ended).toEqual({ exitCode: 7 })
  expect(output()).toEqual(['up', 'bye'])
})

test('a process that a signal ends is told by 128 and the signal', async () => {
  const child = await start('/bin/sleep', '60')
  child.terminate()
  expect(await child.ended).toEqual({ exitCode: 143, signal: 15 })
})

test('SIGKILL ends the whole group, also what ignores SIGTERM', async () => {
  const child = await shell(
    'trap "" TERM; (trap "" TERM; echo $BASHPID; sh -c \'echo $$; exec sleep 60\') & echo up; wait; sleep 60',
  )
  await until(() => output().includes('up') && output().some((line) => /^\d+$/.test(line)))
  const grandchild = Number(output().find((line) => /^\d+$/.test(line)))
  child.terminate()
  child.kill()
  expect(await child.ended).toEqual({ exitCode: 137, signal: 9 })
  await until(() => birthOf(grandchild) === undefined)
})

test('what a process leaves behind in its group is killed when it ends', async () => {
  const child = await shell(
    "sh -c 'echo $$; exec sleep 60' & read line < /dev/null; while ! [ -s 0.log ]; do sleep 0.01; done",
  )
  expect((await child.ended).exitCode).toBe(0)
  const left = Number(output()[0])
  await until(() => birthOf(left) === undefined)
})

test('a program that is not there is an error, and its log is closed', async () => {
  await expect(start('/no/such/program')).rejects.toThrow('ENOENT')
  expect(output()).toEqual([])
})

test('the ledger names the processes that run, and only those', async () => {
  const child = await start('/bin/sleep', '60')
  const path = join(folder, 'processes')
  expect(readFileSync(path, 'utf8')).toContain(` ${child.pid} `)
  child.kill()
  await child.ended
  expect(existsSync(path)).toBe(false)
})

test('a ledger that is opened again ends what an earlier agent left running', async () => {
  const child = await start('/bin/sleep', '60')
  const second = await openProcessLedger(join(folder, 'processes'))
  expect(await child.ended).toEqual({ exitCode: 137, signal: 9 })
  second.close()
})
