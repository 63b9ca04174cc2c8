import type { Assignment, ProfileUnit, ScopedContainer, ScopedTable, ScopeUnit, WorkUnit } from '@amx/api'
import { AmxError, didYouMean, unknownAsset } from '@amx/api'
import type { CatalogResult } from '@amx/warehouse'
import type { WorkerEnvironment } from '../environment.ts'
import type { ServerClient } from '../server-client.ts'
import { createTargetWarehouses, targetAt } from '../target-warehouses.ts'
import { type FoundAssets, layersOf, mergeFound, namedAssets } from './named-assets.ts'
import type { StageProgram } from './stage-program.ts'
import { readStyleExamples } from './style-examples.ts'

/** Bytes of catalog in one page: well below the server's body limit. */
const pageBytes = 4_000_000
const pageEntries = 200

/** Resolves scopes against the live catalog and profiles tables, several at once; each goes to the server as soon as it is ready. */
export function createProfileStage(
  assignment: Assignment,
  environment: WorkerEnvironment,
  server: ServerClient,
): StageProgram {
  const warehouses = createTargetWarehouses(assignment, environment, ({ profiling }) => ({
    connections: profiling.connections,
    statementTimeoutMs: profiling.statementTimeoutMs,
  }))
  const { targets } = assignment.settings

  async function resolveScope(unit: ScopeUnit, signal: AbortSignal): Promise<void> {
    const target = targetAt(assignment, unit.targetIndex)
    const warehouse = await warehouses.get(unit.targetIndex, signal)
    const before = warehouse.statements()
    const { include } = target.scope
    const isNamed = assignment.settings.type === 'Generate'
    const layers: FoundAssets[] = []
    const unknown: CatalogResult['unknown'][number][] = []
    for (const layer of isNamed ? layersOf(include) : [include]) {
      const found = await warehouse.readCatalog({ ...target.scope, include: [...layer] }, signal)
      unknown.push(...found.unknown)
      layers.push(isNamed ? namedAssets(found, layer) : found)
    }
    if (unknown.length > 0) throw unknownNames(unknown)
    const { tables, containers } = mergeFound(layers)
    const { styleTable } = assignment.settings.generation
    const style =
      styleTable === undefined || assignment.settings.type === 'Refresh'
        ? null
        : await readStyleExamples(warehouse, styleTable, targets, unit.targetIndex, signal)
    let page = 0
    const head = { unitId: unit.id, attempt: unit.attempt }
    for (const slice of paginate(tables)) {
      await server.postCatalogPage({ ...head, page, tables: slice }, signal)
      page += 1
    }
    for (const slice of paginate(containers)) {
      await server.postCatalogPage({ ...head, page, tables: [], containers: slice }, signal)
      page += 1
    }
    await server.postResult(
      {
        unitId: unit.id,
        attempt: unit.attempt,
        kind: 'scope',
        pages: page,
        serverVersion: warehouse.serverVersion,
        statements: warehouse.statements() - before,
        ...(style === null ? {} : { style: [...style] }),
      },
      signal,
    )
  }

  async function profileTable(unit: ProfileUnit, signal: AbortSignal): Promise<void> {
    const target = targetAt(assignment, unit.targetIndex)
    const warehouse = await warehouses.get(unit.targetIndex, signal)
    const profile = await warehouse.profileTable(
      unit.catalog,
      { profiling: target.profiling, privacy: target.privacy },
      signal,
    )
    await server.postResult(
      { unitId: unit.id, attempt: unit.attempt, kind: 'profile', tableId: unit.tableId, profile },
      signal,
    )
  }

  return {
    concurrency: targets.reduce((sum, target) => sum + target.profiling.connections, 0),
    perform(unit: WorkUnit, signal: AbortSignal): Promise<void> {
      if (unit.kind === 'scope') return resolveScope(unit, signal)
      if (unit.kind === 'profile') return profileTable(unit, signal)
      throw new AmxError('AMX-9001', { detail: `a profile worker was handed a unit of kind ${unit.kind}` })
    },
    close: () => warehouses.close(),
    figures: async () => ({ statements: await warehouses.statements(), calls: 0 }),
  }
}

function unknownNames(unknown: CatalogResult['unknown']): AmxError {
  const nearest = unknown.flatMap((entry) => entry.nearest).slice(0, 5)
  return unknownAsset(
    unknown.map(({ path }) => path),
    didYouMean(nearest),
  )
}

/** Cuts tables, or schemas, into pages by count and by size. Exported for its test. */
export function* paginate<Entry extends ScopedTable | ScopedContainer>(entries: readonly Entry[]): Generator<Entry[]> {
  let page: Entry[] = []
  let bytes = 0
  for (const entry of entries) {
    const size = JSON.stringify(entry).length
    if (page.length > 0 && (page.length >= pageEntries || bytes + size > pageBytes)) {
      yield page
      page = []
      bytes = 0
    }
    page.push(entry)
    bytes += size
  }
  if (page.length > 0) yield page
}
