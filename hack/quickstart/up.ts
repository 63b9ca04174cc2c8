import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { ChangeRow, MetadataRun } from '@amx/api'
import { checkoutDir, stateDir } from '../cluster/folders.ts'
import { streamProgress } from '../cluster/progress.ts'
import { bringUp, type LocalSystem } from './bring-up.ts'
import { chooseShown } from './choose-shown.ts'
import { readManifests, withWarehouse } from './example-objects.ts'
import { explanation, followRun } from './follow-run.ts'
import { readComments } from './read-comments.ts'
import { quickstartReport } from './report.ts'
import { readResults } from './results-client.ts'

const namespace = 'default'
const progress = streamProgress(process.stderr)

try {
  const system = await bringUp({ stateDir: stateDir(), progress, namespace })
  await progress.step('building kubectl amx', () => buildPlugin())
  const environmentFile = writeEnvironment(system)
  const run = await documentDemo(system)
  const comments = await shownComments(system, run)
  const { tables, columns } = system.demo
  process.stdout.write(quickstartReport({ run, tables, columns, comments, environmentFile }))
  if (run.status?.phase === 'Failed') throw new Error(`the run failed: ${explanation(run)}`)
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`)
  if (process.env['AMX_DEBUG'] !== undefined) process.stderr.write(`${(error as Error).stack}\n`)
  process.exitCode = 1
}

async function documentDemo({ kubectl, warehouse }: LocalSystem): Promise<MetadataRun> {
  const examples = withWarehouse(readManifests(join(checkoutDir, 'examples/quickstart')), warehouse)
  const name = examples.find(({ kind }) => kind === 'MetadataRun')?.metadata.name ?? ''
  const known = await kubectl.run([
    'get',
    'mrun',
    name,
    '-n',
    namespace,
    '--ignore-not-found',
    '-o',
    'jsonpath={.status.phase}',
  ])
  // A run that failed stays failed; starting the quick start again means to try again.
  if (known === 'Failed') await kubectl.run(['delete', 'mrun', name, '-n', namespace, '--timeout=60s'])
  await kubectl.apply(examples.map((object) => ({ ...object, metadata: { ...object.metadata, namespace } })))
  progress.say(`documenting the demo warehouse: kubectl get metadatarun ${name}`)
  const terminal = process.stderr.isTTY === true
  const run = await followRun(
    kubectl,
    { namespace, name },
    {
      onLine: (line) => process.stderr.write(terminal ? `\r  ${line}\u001b[K` : `  ${line}\n`),
      timeoutMs: 300_000,
    },
  )
  if (terminal) process.stderr.write('\n')
  return run
}

/** Five comments this run wrote, read back from the warehouse. */
async function shownComments(system: LocalSystem, run: MetadataRun) {
  const name = run.metadata.name ?? ''
  const path = `/api/v1/namespaces/${namespace}/runs/${name}/changes?limit=1000`
  const changes = await readResults<{ rows: ChangeRow[] }>(system.kubeconfigPath, system.settings.ports.serverTls, path)
  const adminUrl = new URL(system.warehouseAdminUrl)
  adminUrl.pathname = '/amx_demo'
  // A comment on a column says more about the product than one on a table.
  const written = changes.rows.filter(({ outcome, kind }) => outcome === 'Applied' && kind === 'Column')
  return readComments(adminUrl.href, chooseShown(written, 5))
}

/** Bundles the plugin in a process of its own: the bundler's native helper process ends with it. */
async function buildPlugin(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(checkoutDir, 'kubectl-plugin/build.ts')], { timeout: 60_000 })
}

function writeEnvironment(system: LocalSystem): string {
  const path = join(system.stateDir, 'env')
  const folders = [dirname(system.kubectlPath), join(checkoutDir, 'kubectl-plugin/dist')]
  writeFileSync(join(system.stateDir, 'warehouse.url'), `${system.warehouseAdminUrl}\n`, { mode: 0o600 })
  writeFileSync(path, `export KUBECONFIG='${system.kubeconfigPath}'\nexport PATH='${folders.join(':')}':"$PATH"\n`)
  return path
}
