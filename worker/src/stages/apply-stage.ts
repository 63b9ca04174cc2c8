import { AmxError, type ApplyUnit, type Assignment, type WorkUnit } from '@amx/api'
import type { WorkerEnvironment } from '../environment.ts'
import { createResultPoster } from '../result-poster.ts'
import type { ServerClient } from '../server-client.ts'
import { createTargetWarehouses } from '../target-warehouses.ts'
import type { StageProgram } from './stage-program.ts'

/**
 * What a database is asked while comments are written: two tables side by side keep a connection busy while the other waits for
 * the server, without crowding production. A lock is waited for without standing in its queue, so the wait costs nobody; eight
 * seconds outlast an ANALYZE. A table's statement takes a fraction of a second, whatever limit its profiling has.
 */
const limits = {
  connections: 2,
  openConnections: 'AtOnce',
  lockTimeoutMs: 8_000,
  statementTimeoutMs: 60_000,
} as const

/** Units held: those that are written, those whose result is on its way, and others that come in one claim and wait. */
const unitsHeld = 32

/** Rows held at which no more are asked for: two of the largest units, one for each connection. */
const rowsHeld = 4_000

/** Writes accepted texts, one transaction per table, and posts one outcome per row with the old and the new text. */
export function createApplyStage(
  assignment: Assignment,
  environment: WorkerEnvironment,
  server: ServerClient,
): StageProgram {
  const warehouses = createTargetWarehouses(assignment, environment, () => limits)
  const poster = createResultPoster(server)
  const { onDrift, dryRun } = assignment.settings.apply
  const closing = new AbortController()
  const begun = new Set<string>()
  // While the first units are asked for. A fault is told when a unit needs the database, and not before.
  if (assignment.settings.targets.length === 1) warehouses.get(0, closing.signal).catch(() => undefined)

  async function apply(unit: ApplyUnit, signal: AbortSignal): Promise<void> {
    const warehouse = await warehouses.get(unit.targetIndex, signal)
    const started = performance.now()
    let statements = 0
    const onStatement = () => {
      begun.add(unit.id)
      statements += 1
    }
    const request = { tablePath: unit.tablePath, rows: unit.rows, onDrift, dryRun, onStatement }
    const rows = await warehouse.applyTable(request, signal)
    await poster.post(
      {
        unitId: unit.id,
        attempt: unit.attempt,
        rows: [...rows],
        statements,
        durationMs: performance.now() - started,
      },
      signal,
    )
  }

  return {
    concurrency: unitsHeld,
    isEnough: (held) => held.reduce((sum, unit) => sum + (unit.kind === 'apply' ? unit.rows.length : 0), 0) >= rowsHeld,
    // A table that is being written is finished; those that wait for a connection are not begun.
    onStop: () => (unit) => !begun.has(unit.id),
    perform(unit: WorkUnit, signal: AbortSignal): Promise<void> {
      if (unit.kind === 'apply') return apply(unit, signal)
      throw new AmxError('AMX-9001', { detail: `an apply worker was handed a unit of kind ${unit.kind}` })
    },
    close() {
      closing.abort()
      return warehouses.close()
    },
    figures: async () => ({ statements: await warehouses.statements(), calls: 0 }),
  }
}
