import { setTimeout as delay } from 'node:timers/promises'
import type { LocalSystem } from '../quickstart/index.ts'

/** Resident memory of the operator in MiB, by its own metric. */
export async function operatorMemoryMiB({ settings }: LocalSystem): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${settings.ports.operatorHealth}/metrics`, {
    signal: AbortSignal.timeout(5_000),
  })
  const bytes = /^process_resident_memory_bytes (\S+)/m.exec(await response.text())?.[1]
  if (bytes === undefined) throw new Error('the operator gives no process_resident_memory_bytes')
  return Number(bytes) / 2 ** 20
}

/** Makes runs that end at once, because they ask for what is not supported yet, and waits until the operator ended all. */
export async function makeFinishedRuns({ kubectl }: LocalSystem, count: number): Promise<void> {
  const namespace = 'bench-finished'
  await kubectl.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }])
  const profiles = [
    {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'DatabaseProfile',
      metadata: { name: 'none', namespace, annotations: { 'amx.dev/test-every': 'never' } },
      spec: {
        backend: 'PostgreSQL',
        postgresql: { host: '127.0.0.1', database: 'none' },
        readerSecretRef: { name: 'none' },
      },
    },
    {
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'LLMProfile',
      metadata: { name: 'none', namespace },
      spec: { provider: 'BuiltIn' },
    },
  ]
  await kubectl.apply(profiles)
  for (let made = 0; made < count; made += 500) {
    const runs = Array.from({ length: Math.min(500, count - made) }, (_, index) => ({
      apiVersion: 'amx.dev/v1alpha1',
      kind: 'MetadataRun',
      metadata: { name: `finished-${made + index}`, namespace },
      spec: {
        type: 'Analyze',
        targets: [{ databaseProfileRef: { name: 'none' } }],
        llmProfileRef: { name: 'none' },
        budget: { maximumCost: '1' },
      },
    }))
    await kubectl.apply(runs)
  }
  const giveUpAt = Date.now() + 300_000
  for (;;) {
    const phases = await kubectl.run(['get', 'mrun', '-n', namespace, '-o', 'jsonpath={.items[*].status.phase}'])
    if (phases.split(' ').filter((phase) => phase === 'Failed').length >= count) return
    if (Date.now() > giveUpAt) throw new Error(`not all of ${count} runs ended within 5 minutes`)
    await delay(2_000)
  }
}
