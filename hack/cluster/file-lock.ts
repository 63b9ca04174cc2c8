import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { birthOf } from './process-record.ts'
import type { Progress } from './progress.ts'

/**
 * Runs work while holding a lock file, so that one process of this machine does it at a time. The lock of a process that
 * no longer lives is taken over. Rejects when the signal aborts the wait.
 */
export async function withFileLock<T>(
  path: string,
  options: { waitingFor: string; progress: Progress; signal?: AbortSignal | undefined },
  work: () => Promise<T>,
): Promise<T> {
  if (!tryLock(path)) {
    await options.progress.step(`waiting for ${options.waitingFor}`, async () => {
      while (!tryLock(path)) await delay(250, undefined, options.signal ? { signal: options.signal } : {})
    })
  }
  const unlock = () => rmSync(path, { force: true })
  process.once('exit', unlock)
  try {
    return await work()
  } finally {
    process.off('exit', unlock)
    unlock()
  }
}

function tryLock(path: string): boolean {
  // The file appears under its name with its content in one step: nobody can read a lock without an owner.
  const own = `${path}.${process.pid}`
  writeFileSync(own, `${process.pid} ${birthOf(process.pid) ?? 'unknown'}`)
  try {
    return link(own, path) || (!isHeld(path) && takeOver(path, own))
  } finally {
    rmSync(own, { force: true })
  }
}

/** Puts the lock of a process that is gone aside. Of several that try, one moves the old lock; the others find a new one. */
function takeOver(path: string, own: string): boolean {
  const aside = `${own}.old`
  try {
    renameSync(path, aside)
  } catch {
    return false
  }
  // Somebody may have taken it over between the look and the move: then it goes back.
  if (isHeld(aside)) link(aside, path)
  rmSync(aside, { force: true })
  return link(own, path)
}

function link(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch {
    return false
  }
}

function isHeld(path: string): boolean {
  try {
    const [pid, birth] = readFileSync(path, 'utf8').split(' ')
    return birthOf(Number(pid)) === birth
  } catch {
    return false
  }
}
