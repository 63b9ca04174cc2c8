import { AmxError, type ApplyUnit, type Assignment, type WorkUnit } from '@amx/api'
import type { WorkerEnvironment } from '../environment.ts'
import type { ServerClient } from '../server-client.ts'
import { createTargetWarehouses } from '../target-warehouses.ts'
import type { StageProgram } from './stage-program.ts'

/** Tables written side by side. Two keep the connection busy while outcomes are posted, without crowding a production server. */
const tablesAtOnce = 2

/** Writes accepted texts, one transaction per table, and posts one outcome per row with the old and the new text. */
export function createApplyStage(
  assignment: Assignment,
  environment: WorkerEnvironment,
  server: ServerClient,
): StageProgram {
  const warehouses = createTargetWarehouses(assignment, environment, () => tablesAtOnce)
  const { onDrift, dryRun } = assignment.settings.apply

  async function apply(unit: ApplyUnit, signal: AbortSignal): Promise<void> {
    const warehouse = await warehouses.get(unit.targetIndex, signal)
    const started = performance.now()
    const before = warehouse.statements()
    const rows = await warehouse.applyTable({ tablePath: unit.tablePath, rows: unit.rows, onDrift, dryRun }, signal)
    await server.postResult(
      {
        unitId: unit.id,
        attempt: unit.attempt,
        kind: 'apply',
        rows: [...rows],
        statements: warehouse.statements() - before,
        durationMs: performance.now() - started,
      },
      signal,
    )
  }

  return {
    concurrency: tablesAtOnce,
    perform(unit: WorkUnit, signal: AbortSignal): Promise<void> {
      if (unit.kind === 'apply') return apply(unit, signal)
      throw new AmxError('AMX-9001', { detail: `an apply worker was handed a unit of kind ${unit.kind}` })
    },
    close: () => warehouses.close(),
    figures: async () => ({ statements: await warehouses.statements(), calls: 0 }),
  }
}
