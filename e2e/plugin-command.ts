import { spawn } from 'node:child_process'
import { dirname, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { System } from './system.ts'

export interface Spoken {
  readonly code: number | null
  readonly output: string
  readonly complaint: string
}

/** Runs `kubectl amx …` as a person does: kubectl finds the plugin on the PATH. */
export async function pluginCommand(system: System, args: readonly string[]): Promise<Spoken> {
  const plugin = resolve(import.meta.dirname, '../kubectl-plugin/dist')
  const path = [dirname(system.kubectlPath), plugin, process.env['PATH']].join(':')
  const env = { ...process.env, PATH: path, KUBECONFIG: system.kubeconfigPath }
  const child = spawn('kubectl', ['amx', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((done, fail) => child.once('error', fail).once('close', done))
  const [output, complaint, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, output, complaint }
}
