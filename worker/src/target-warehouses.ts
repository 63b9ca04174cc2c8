import { AmxError, type Assignment, type TargetSettings } from '@amx/api'
import { type OpenPostgresqlOptions, openPostgresql, type Warehouse } from '@amx/warehouse'
import { readCredentials, type WorkerEnvironment } from './environment.ts'

/** The warehouses of a run's targets, opened when first needed and closed together. */
export interface TargetWarehouses {
  get(targetIndex: number, signal: AbortSignal): Promise<Warehouse>
  /** Statements sent through all of them. */
  statements(): Promise<number>
  close(): Promise<void>
}

/** What a stage may ask of a target. */
type SessionLimits = Pick<
  OpenPostgresqlOptions,
  'connections' | 'openConnections' | 'statementTimeoutMs' | 'lockTimeoutMs'
>

/** Opens targets with the credentials this pod was given; `limitsOf` says what each is asked at most. */
export function createTargetWarehouses(
  assignment: Assignment,
  environment: WorkerEnvironment,
  limitsOf: (target: TargetSettings) => SessionLimits,
): TargetWarehouses {
  const opening = new Map<number, Promise<Warehouse>>()

  function open(targetIndex: number, signal: AbortSignal): Promise<Warehouse> {
    const target = targetAt(assignment, targetIndex)
    if (target.postgresql === null) throw new AmxError('AMX-1002', { field: `backend ${target.backend}` })
    return openPostgresql(
      {
        connection: target.postgresql,
        credentials: readCredentials(environment, targetIndex),
        ...limitsOf(target),
        applicationName: `amx ${environment.stage} ${assignment.run.namespace}/${assignment.run.name}`,
      },
      signal,
    )
  }

  async function opened(): Promise<Warehouse[]> {
    const results = await Promise.allSettled(opening.values())
    return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  }

  return {
    get(targetIndex, signal) {
      const known = opening.get(targetIndex)
      if (known !== undefined) return known
      const warehouse = open(targetIndex, signal)
      opening.set(targetIndex, warehouse)
      // A failed attempt is not remembered: the unit's next attempt opens anew.
      warehouse.catch(() => opening.delete(targetIndex))
      return warehouse
    },
    async statements() {
      return (await opened()).reduce((sum, warehouse) => sum + warehouse.statements(), 0)
    },
    async close() {
      await Promise.all((await opened()).map((warehouse) => warehouse.close()))
    },
  }
}

/** Settings of one target; throws AMX-9001 when a unit names one that the settings do not have. */
export function targetAt(assignment: Assignment, targetIndex: number): TargetSettings {
  const target = assignment.settings.targets[targetIndex]
  if (target === undefined) throw new AmxError('AMX-9001', { detail: `the settings have no target ${targetIndex}` })
  return target
}
