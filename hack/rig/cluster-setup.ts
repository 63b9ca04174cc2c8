import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { type ControlPlane, checkoutDir, startControlPlane, streamProgress } from '../cluster/index.ts'
import './provided-context.ts'

/** Starts one control plane for all tests of a run, with the custom resources of this checkout. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'amx-test-cluster-'))
  const removeDataDir = () => rmSync(dataDir, { recursive: true, force: true })
  process.once('exit', removeDataDir)
  const controlPlane = await startControlPlane({ dataDir, progress: streamProgress() })
  try {
    installCustomResources(controlPlane)
  } catch (error) {
    await controlPlane.stop()
    throw error
  }
  project.provide('kubeConfigPath', controlPlane.kubeconfigPath)
  project.provide('kubectlPath', controlPlane.kubectlPath)
  project.provide('clientCa', controlPlane.clientCa)
  project.provide('clientCaKey', controlPlane.clientCaKey)
  return async () => {
    await controlPlane.stop()
    removeDataDir()
  }
}

function installCustomResources(controlPlane: ControlPlane): void {
  const dir = join(checkoutDir, 'crds')
  if (!readdirSync(dir).some((name) => name.endsWith('.yaml'))) return
  const kubectl = (args: string[]) => {
    const done = spawnSync(controlPlane.kubectlPath, ['--kubeconfig', controlPlane.kubeconfigPath, ...args], {
      encoding: 'utf8',
    })
    if (done.status !== 0) throw new Error(`kubectl ${args.join(' ')} failed: ${done.stderr}`)
  }
  kubectl(['apply', '--server-side', '-f', dir])
  kubectl(['wait', '--for=condition=Established', '--timeout=30s', 'crd', '--all'])
}
