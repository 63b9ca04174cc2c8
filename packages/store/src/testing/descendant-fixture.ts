import type { RunSettings } from '@amx/api'
import type { BeginRunRequest, BeginRunResult, DescentRequest } from '../contract.ts'
import { type DraftedRun, draftBatches, draftsOf, runOf, settingsOf } from './run-fixture.ts'
import type { Stores } from './store-fixture.ts'

export interface DescendantOptions {
  readonly name?: string
  readonly type?: 'Rerun' | 'Variations'
  readonly settings?: RunSettings
}

/** The request to begin a run that goes on from another one. */
export function descendantOf(
  source: { readonly uid: string; readonly name: string },
  descent: DescentRequest,
  options: DescendantOptions = {},
): BeginRunRequest {
  const type = options.type ?? (descent.alternative === undefined ? 'Rerun' : 'Variations')
  const settings = { ...(options.settings ?? settingsOf()), type, source: { uid: source.uid, name: source.name } }
  return runOf({
    settings,
    type,
    sourceRunUid: source.uid,
    descent,
    ...(options.name === undefined ? {} : { name: options.name }),
  })
}

/** Begins a descendant and drafts it to the end. Throws what refused it. */
export async function draftedDescendant(
  stores: Stores,
  source: { readonly uid: string; readonly name: string },
  descent: DescentRequest,
  options: DescendantOptions = {},
): Promise<DraftedRun> {
  const request = descendantOf(source, descent, options)
  const begun: BeginRunResult = await stores.operator.beginRun(request)
  if (begun.kind !== 'Began') throw new Error(`did not begin: ${JSON.stringify(begun)}`)
  await draftBatches(stores.server, request.uid, (unit) =>
    draftsOf(unit).map((row) => ({
      ...row,
      alternatives: row.alternatives.map((one) => ({ ...one, text: `${one.text} in ${request.name}` })),
    })),
  )
  const { digest } = await stores.operator.settleDrafts(request.uid)
  return { uid: request.uid, name: request.name, digest }
}
