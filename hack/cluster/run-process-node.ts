import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { componentCommands } from './component-images.ts'
import { checkoutDir } from './folders.ts'
import { clusterLayout } from './local-cluster-layout.ts'
import { startProcessNode } from './process-node/index.ts'

// The process node of a persistent local cluster, as a process of its own: run-process-node.ts <state folder>.

const [stateDir] = process.argv.slice(2)
if (stateDir === undefined) throw new Error('usage: run-process-node.ts <state folder>')
const layout = clusterLayout(stateDir)

const stopping = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort())

const node = await startProcessNode({
  kubeconfigPath: layout.kubeconfig,
  images: componentCommands(),
  folder: layout.nodeFolder,
  checkout: checkoutDir,
  kubeletClientCaPem: readFileSync(layout.clientCa, 'utf8'),
})
// Written whole under another name first: whoever waits for the file must not read half of it.
writeFileSync(`${layout.nodeReady}.new`, JSON.stringify({ pid: process.pid, nodeName: node.nodeName, port: node.port }))
renameSync(`${layout.nodeReady}.new`, layout.nodeReady)

if (!stopping.signal.aborted) {
  await new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve(), { once: true }))
}
rmSync(layout.nodeReady, { force: true })
await node.stop()
process.exit(0)
