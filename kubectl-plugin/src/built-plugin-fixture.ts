import { execFile, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Finished } from './command-fixture.ts'

export interface BuiltPlugin {
  readonly path: string
  /** Runs the executable with nothing of this process's surroundings but what is given. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Finished>
}

/** Builds the executable into a folder; for tests of what a person runs. */
export async function buildPlugin(folder: string): Promise<BuiltPlugin> {
  mkdirSync(folder, { recursive: true })
  const build = fileURLToPath(new URL('../build.ts', import.meta.url))
  await promisify(execFile)(process.execPath, [build, folder])
  const path = join(folder, 'kubectl-amx.mjs')
  return {
    path,
    async run(args, env = {}) {
      const child = spawn(process.execPath, [path, ...args], {
        env: { PATH: process.env['PATH'], HOME: folder, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const ended = new Promise<number>((resolve, reject) => {
        child.once('error', reject).once('close', (code) => resolve(code ?? -1))
      })
      const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
      return { code, stdout, stderr }
    },
  }
}
