import type { ProfileFinding, ProfileTestReport, WorkerSummary } from '@amx/api'
import type { ServerStore, TesterIdentity } from '@amx/store'
import { WorkerExit } from './scripted-worker.ts'

/** What scripted test pods find. */
export interface TestScript {
  /** The report of one part of a test of a profile of this name. */
  readonly report: (part: TesterIdentity['part'], profile: string) => ProfileTestReport
  /** Called first; what it throws ends the pod. */
  readonly before?: (tester: TesterIdentity) => Promise<void> | void
}

/** A profile of which everything is as it should be. */
export const goodProfile: TestScript = {
  report: (part) => ({ finding: goodFindings[part], error: null, calls: [] }),
}

const goodFindings: Readonly<Record<TesterIdentity['part'], ProfileFinding>> = {
  Reader: {
    part: 'Reader',
    serverVersion: '18.4',
    capabilities: { sampling: true },
    inventory: { schemas: 1, tables: 2, columns: 6, documented: 1 },
  },
  Writer: { part: 'Writer', tables: { seen: 2, writable: 2 }, refused: [] },
  Model: { part: 'Model', capabilities: { structuredOutput: true } },
}

/** Tests a credential as the real worker does; gives its termination message. */
export async function runScriptedTest(
  store: ServerStore,
  tester: TesterIdentity,
  script: TestScript,
): Promise<WorkerSummary> {
  await script.before?.(tester)
  const assignment = await store.readProfileTest(tester)
  if (assignment === null) throw new WorkerExit(1, 'this test is over')
  await store.recordProfileTest(tester, script.report(tester.part, assignment.profile.name))
  const units = { done: 1, failed: 0 }
  return { stage: 'test', outcome: 'Done', stop: null, units, statements: 0, calls: 0, durationMs: 1, error: null }
}
