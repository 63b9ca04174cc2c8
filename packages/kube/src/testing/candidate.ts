// A program for the hand-over test: a candidate for a lease that tells on standard output when it leads.
// Arguments: namespace, lease, identity.
import { KubeConfig } from '@kubernetes/client-node'
import { createRuntime } from '../runtime/runtime.ts'

const [namespace = 'default', name = 'test', identity = 'nobody'] = process.argv.slice(2)
const kubeConfig = new KubeConfig()
kubeConfig.loadFromDefault()
const runtime = createRuntime({
  kubeConfig,
  name: 'candidate',
  identity,
  leaderElection: { namespace, name, leaseDurationMs: 3_000, renewDeadlineMs: 2_000, retryPeriodMs: 200 },
})
runtime.whileLeading(async (signal) => {
  process.stdout.write('leads\n')
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  process.stdout.write('ends\n')
})
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
const end = await runtime.run(stop.signal)
process.stdout.write(`${end.reason}\n`)
process.exitCode = end.reason === 'LeaseLost' ? 1 : 0
