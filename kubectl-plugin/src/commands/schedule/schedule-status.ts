import type { MetadataSchedule } from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print } from '../../command-io.ts'
import { resourcePath } from '../../connection/kubernetes-client.ts'
import { systemNamespace } from '../../connection/reach-server.ts'
import { type FigureFormat, isValueFormat, printValue, valueOutputOption } from '../../output/output-format.ts'
import { formatTable } from '../../output/table.ts'
import { asked, type Check } from '../doctor/check.ts'
import { type Deployment, deploymentCheck, type Lease, leaseCheck } from '../doctor/cluster-checks.ts'
import { type Firing, firingRemarks, operatorFiring } from './operator-firing.ts'

/** `schedule status`: whether anything fires schedules. */
export function statusCommand(io: CommandIO): Command {
  return new Command('status')
    .description('show whether the operator works and fires schedules, and when it last did')
    .addOption(valueOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[], { readonly output: FigureFormat }> = async ({ io, connect }, _, { output }) => {
  const connection = await connect()
  const { kubernetes, namespace } = connection
  const system = systemNamespace(io)
  const get = <Answer>(path: string) => asked(kubernetes.get<Answer>(path))
  const [deployment, lease, firing, { items }] = await Promise.all([
    get<Deployment>(`apis/apps/v1/namespaces/${system}/deployments/amx-operator`),
    get<Lease>(`apis/coordination.k8s.io/v1/namespaces/${system}/leases/amx-operator`),
    operatorFiring(connection, io),
    kubernetes.get<{ items: MetadataSchedule[] }>(resourcePath('MetadataSchedule', namespace)),
  ])
  const checks: Check[] = [
    deploymentCheck('operator', system, deployment),
    leaseCheck(system, lease, io.now()),
    { part: 'schedules', state: states[firing], says: firingRemarks[firing] ?? 'the operator fires schedules' },
    { part: 'schedules', state: 'Ok', says: lastWords(items, namespace) },
  ]
  if (isValueFormat(output)) return printValue(io, { firing, checks }, output)
  print(
    io,
    ...formatTable(
      ['part', 'state', 'says'],
      checks.map(({ part, state, says }) => [part, state, says]),
    ),
  )
}

const states = { Fires: 'Ok', DoesNot: 'Warn', Unknown: 'Skipped' } as const satisfies Record<Firing, Check['state']>

function lastWords(schedules: readonly MetadataSchedule[], namespace: string): string {
  const last = schedules
    .flatMap(({ metadata, status }) =>
      status?.lastFireTime ? [{ name: metadata.name, time: status.lastFireTime }] : [],
    )
    .sort((one, other) => Date.parse(other.time) - Date.parse(one.time))[0]
  if (last === undefined) return `no schedule of ${namespace} ever fired`
  return `last fired in ${namespace}: ${last.name} at ${last.time}`
}
