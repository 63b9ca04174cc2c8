import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { components } from '../component-images.ts'
import { checkoutDir, checkoutKey } from '../folders.ts'
import type { Progress } from '../progress.ts'
import {
  buildImageCommand,
  type Command,
  createClusterCommand,
  deleteClusterCommand,
  exportKubeConfigCommand,
  kindClusterName,
  listClustersCommand,
  loadImagesCommand,
} from './kind-commands.ts'

/** Why kind cannot be used on this machine; undefined where it can. */
export function kindObstacle(): string | undefined {
  if (spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 3_000 }).status !== 0) {
    return 'no Docker engine answers (docker info)'
  }
  if (spawnSync('kind', ['version'], { stdio: 'ignore', timeout: 3_000 }).status !== 0) {
    return 'kind is not on the search path (https://kind.sigs.k8s.io/docs/user/quick-start/#installation)'
  }
  return undefined
}

/**
 * Creates the kind cluster of this checkout if there is none, and loads images built from the checkout; gives the path of
 * its kubeconfig. Throws with the output of the command that failed.
 */
export async function kindUp(options: { stateDir: string; progress: Progress }): Promise<string> {
  const { stateDir, progress } = options
  const cluster = kindCluster(stateDir)
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  const exists = run(listClustersCommand).split('\n').includes(cluster.name)
  if (exists) run(exportKubeConfigCommand(cluster))
  else await progress.step(`creating the kind cluster ${cluster.name}`, async () => run(createClusterCommand(cluster)))
  const images = Object.entries(components).map(([target, { image }]) => ({ target, image }))
  for (const image of images) {
    await progress.step(`building ${image.image}:dev`, async () => run(buildImageCommand(image)))
  }
  await progress.step('loading the images', async () => run(loadImagesCommand(cluster.name, images)))
  return cluster.kubeconfigPath
}

/** Deletes the kind cluster of this checkout with everything on it. */
export async function kindDown(options: { stateDir: string; progress: Progress }): Promise<void> {
  const cluster = kindCluster(options.stateDir)
  const text = `deleting the kind cluster ${cluster.name}`
  await options.progress.step(text, async () => run(deleteClusterCommand(cluster)))
}

function kindCluster(stateDir: string): { name: string; kubeconfigPath: string } {
  return { name: kindClusterName(checkoutKey()), kubeconfigPath: join(stateDir, 'kind.kubeconfig') }
}

function run({ command, args }: Command): string {
  const done = spawnSync(command, args, { cwd: checkoutDir, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  if (done.error) throw done.error
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${done.stdout}${done.stderr}`.trimEnd())
  return done.stdout
}
