import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { checkoutDir } from '../cluster/index.ts'
import type { LocalSystem } from '../quickstart/index.ts'
import type { Figure } from './figures.ts'

const starts = 20

/** Size of `kubectl amx`, and how long a person waits for a command that asks nobody and for one that asks the API server. */
export function benchPlugin({ kubeconfigPath }: Pick<LocalSystem, 'kubeconfigPath'>): Figure[] {
  const folder = mkdtempSync(join(tmpdir(), 'amx-bench-plugin-'))
  try {
    run([join(checkoutDir, 'kubectl-plugin', 'build.ts'), folder], {})
    const plugin = join(folder, 'kubectl-amx.mjs')
    const bundle = {
      name: 'kubectl amx: bundle',
      value: statSync(plugin).size / 1_000,
      unit: 'kB',
      reach: 2_000,
    } as const
    return [
      bundle,
      ...waits('version --client', () => run([plugin, 'version', '--client'], {})),
      ...waits('get', () => run([plugin, 'get'], { KUBECONFIG: kubeconfigPath })),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Median and 95th percentile of a command, its first start left out: it fills caches that every other finds. */
function waits(name: string, start: () => void): Figure[] {
  start()
  const tookMs = Array.from({ length: starts }, () => {
    const began = performance.now()
    start()
    return performance.now() - began
  }).sort((one, other) => one - other)
  const at = (share: number) => tookMs[Math.ceil(share * starts) - 1] ?? 0
  return [
    { name: `kubectl amx ${name}, p50`, value: at(0.5), unit: 'ms', reach: 400 },
    { name: `kubectl amx ${name}, p95`, value: at(0.95), unit: 'ms', reach: 400 },
  ]
}

function run(args: readonly string[], env: Readonly<Record<string, string>>): void {
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, ...env } })
  if (status !== 0) throw new Error(`${args.join(' ')} failed: ${stderr}`)
}
