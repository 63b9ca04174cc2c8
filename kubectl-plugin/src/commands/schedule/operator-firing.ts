import { AmxError, firesSchedulesAnnotation, toAmxError } from '@amx/api'
import { type CommandIO, remark } from '../../command-io.ts'
import type { Connection } from '../../connection/connection.ts'
import type { KubernetesObject } from '../../connection/kubernetes-client.ts'
import { systemNamespace } from '../../connection/reach-server.ts'

/** Whether the operator fires schedules: it says so on its Lease, which not everybody may read. */
export type Firing = 'Fires' | 'DoesNot' | 'Unknown'

/** Asks the Lease of the operator. Never throws. */
export async function operatorFiring({ kubernetes }: Connection, io: CommandIO): Promise<Firing> {
  try {
    const path = `apis/coordination.k8s.io/v1/namespaces/${systemNamespace(io)}/leases/amx-operator`
    const lease = await kubernetes.get<KubernetesObject>(path)
    return lease.metadata.annotations?.[firesSchedulesAnnotation] === 'true' ? 'Fires' : 'DoesNot'
  } catch (error) {
    return toAmxError(error).code === 'AMX-1013' ? 'DoesNot' : 'Unknown'
  }
}

/** Says on standard error what a schedule cannot be relied on for. */
export async function remarkOnFiring(connection: Connection, io: CommandIO): Promise<void> {
  const words = firingRemarks[await operatorFiring(connection, io)]
  if (words !== null) remark(io, words)
}

/** A sentence about each answer. */
export const firingRemarks: Readonly<Record<Firing, string | null>> = {
  Fires: null,
  DoesNot: "This cluster's operator does not fire schedules yet: the schedule is kept, and starts nothing.",
  Unknown: 'You may not look whether the operator fires schedules; `kubectl amx schedule list` shows what fired.',
}

/** Throws AMX-1080 where nothing would act on what is asked. */
export async function requireFiring(connection: Connection, io: CommandIO): Promise<void> {
  if ((await operatorFiring(connection, io)) === 'DoesNot') throw new AmxError('AMX-1080', {})
}
