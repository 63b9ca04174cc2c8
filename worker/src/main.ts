import { enableCompileCache } from 'node:module'

enableCompileCache()

const draining = new AbortController()
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => draining.abort())

const { runWorker } = await import('./run-worker.ts')
const code = await runWorker(process.argv.slice(2), process.env, draining.signal)
// Idle keep-alive sockets would hold the process for some seconds more.
process.exit(code)
