import { rmSync } from 'node:fs'
import { constants } from 'node:os'
import { relative } from 'node:path'
import { checkoutDir, stateDir as stateDirOfCheckout } from './folders.ts'
import { kindDown, kindFacts, kindObstacle, kindUp } from './kind/index.ts'
import { clusterDown, clusterStatus, clusterUp } from './local-cluster.ts'
import { streamProgress } from './progress.ts'

// npm run cluster -- up | down | status | kubeconfig: a local cluster that outlives the command. Nothing of the product
// is installed on it; `npm run quickstart` does that.

const usage = `usage: npm run cluster -- <command>

  up           start the cluster of this checkout, or what of it does not run
  down         stop it; its data stays for the next start
  down --wipe  stop it and remove its data
  up --kind    create a kind cluster instead, and load images built from this checkout (needs Docker, and kind or Go)
  down --kind  delete the kind cluster
  status       what runs; exit code 0 when everything does
  kubeconfig   print the path of an administrator's kubeconfig

The state is kept in $AMX_STATE_DIR, or below \${XDG_STATE_HOME:-~/.local/state}/amx in a folder of this checkout.
`

const progress = streamProgress()
const stateDir = stateDirOfCheckout()

async function up(args: string[]): Promise<void> {
  if (args.includes('--kind')) return await upOnKind()
  const startedAt = Date.now()
  const cluster = await clusterUp({ stateDir, progress })
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1)
  process.stdout.write(
    `Kubernetes is ready at ${cluster.url} (${seconds} s).\n\n` +
      `  export KUBECONFIG=${cluster.kubeconfigPath}\n` +
      `  ${cluster.kubectlPath} get nodes\n\n` +
      'Stop it with: npm run cluster -- down\n',
  )
}

async function upOnKind(): Promise<void> {
  const obstacle = kindObstacle(await kindFacts())
  if (obstacle !== undefined) throw new Error(`kind cannot be used: ${obstacle}. Without it: npm run cluster -- up`)
  const { kubeconfigPath } = await kindUp({ stateDir, progress })
  process.stdout.write(`The kind cluster is ready.\n\n  export KUBECONFIG=${kubeconfigPath}\n`)
}

async function down(args: string[]): Promise<void> {
  if (args.includes('--kind')) return await kindDown({ stateDir, progress })
  await progress.step('stopping the cluster', () => clusterDown({ stateDir, progress }))
  if (args.includes('--wipe')) rmSync(stateDir, { recursive: true, force: true })
}

async function status(): Promise<void> {
  const { controlPlane, node } = await clusterStatus(stateDir)
  process.stdout.write(
    `state folder    ${relative(checkoutDir, stateDir).startsWith('..') ? stateDir : relative('', stateDir)}\n`,
  )
  process.stdout.write(`control plane   ${controlPlane.state}`)
  if ('detail' in controlPlane) process.stdout.write(`  ${controlPlane.url}  ${controlPlane.detail}`)
  process.stdout.write(`\nprocess node    ${node}\n`)
  if (controlPlane.state !== 'running' || node !== 'running') process.exitCode = 1
}

async function kubeconfig(): Promise<void> {
  const { controlPlane } = await clusterStatus(stateDir)
  if (!('kubeconfigPath' in controlPlane)) throw new Error('The cluster does not run: npm run cluster -- up')
  process.stdout.write(`${controlPlane.kubeconfigPath}\n`)
}

// An ordinary exit, so that a build that was begun ends and removes what it wrote.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]))
}

const commands: Record<string, (args: string[]) => Promise<void>> = { up, down, status, kubeconfig }
const [name = 'help', ...args] = process.argv.slice(2)
const command = commands[name]
if (command === undefined) {
  process.stderr.write(usage)
  process.exitCode = name === 'help' || name === '--help' ? 0 : 2
} else {
  try {
    await command(args)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
