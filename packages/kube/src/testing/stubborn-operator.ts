// A program for the shell's test: an operator that tells on standard output what happens to it, one JSON value a line.
import { createInterface } from 'node:readline'
import type { ResourceEvent } from '@dot-i/k8s-operator'
import { KubeConfig } from '@kubernetes/client-node'
import { createRuntime } from '../runtime/runtime.ts'
import { ControllerOperator } from '../shell/controller-operator.ts'

function tell(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}

function log(facts: object, message: string): void {
  tell({ log: message, ...('err' in facts ? { error: String(facts.err) } : {}) })
}

process.exit = ((code?: number) => {
  tell({ exit: code ?? 0 })
}) as typeof process.exit
process.on('uncaughtException', (error) => tell({ uncaught: String(error) }))
process.on('unhandledRejection', (error) => tell({ unhandled: String(error) }))

class StubbornOperator extends ControllerOperator {
  protected override async init(): Promise<void> {
    await this.watchResource('', 'v1', 'configmaps', (event) => this.handle(event), 'default')
    tell({ uri: this.getCustomResourceApiUri('', 'v1', 'configmaps', 'default') })
  }

  private async handle(event: ResourceEvent): Promise<void> {
    const { name } = event.meta
    const refused = await this.refusal(event)
    tell({ event: event.type, name, ...(refused === undefined ? {} : { refused }) })
    if (refused !== undefined) throw new Error(refused)
  }

  private async refusal(event: ResourceEvent): Promise<string | undefined> {
    const { name } = event.meta
    if (name === 'poison' && event.type === 'ADDED') return 'a callback that throws'
    if (name !== 'finalized') return undefined
    const handled = await this.handleResourceFinalizer(event, 'test/finalizer', async () => tell({ cleaned: name }))
    if (!handled && event.type !== 'DELETED') {
      const status = (event.object as { status?: object }).status
      if (status === undefined) await this.setResourceStatus(event.meta, { phase: 'Seen' })
    }
    return undefined
  }
}

const kubeConfig = new KubeConfig()
kubeConfig.loadFromDefault()
const logger = { debug: () => {}, info: () => {}, warn: log, error: log }
const runtime = createRuntime({ kubeConfig, name: 'stubborn', random: () => 1, logger })
const operator = new StubbornOperator({ kubeConfig, runtime, watches: { idleLimitMs: 300 } })
await operator.start()
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'stop') operator.stop()
  if (line === 'alive?') tell({ alive: true })
})
tell({ ended: (await operator.ended).reason })
