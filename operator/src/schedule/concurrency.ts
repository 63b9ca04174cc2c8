import { defaults } from '@amx/api'
import type { RunView, ScheduleObserved } from './schedule-observed.ts'

/** Whether a run goes on; one that waits for a person does not. */
export function isActive({ phase, deleting, isCheck }: RunView): boolean {
  if (deleting || isCheck) return false
  return phase === undefined || phase === 'Pending' || phase === 'Running' || phase === 'Applying'
}

/** What the runs that go on mean for the next one. */
export type Way =
  | { readonly kind: 'Free'; readonly cancel: readonly string[] }
  | { readonly kind: 'Taken'; readonly by: string }

/** Applies concurrencyPolicy to a run of this name. Pure. */
export function wayFor(name: string, { schedule, runs }: Pick<ScheduleObserved, 'schedule' | 'runs'>): Way {
  // The run itself may be there already, from before a crash.
  const others = runs.filter((run) => isActive(run) && run.name !== name).map((run) => run.name)
  const [first] = others
  if (first === undefined || runs.some((run) => run.name === name)) return { kind: 'Free', cancel: [] }
  switch (schedule.spec.concurrencyPolicy ?? defaults.schedule.concurrencyPolicy) {
    case 'Allow':
      return { kind: 'Free', cancel: [] }
    case 'Replace':
      return { kind: 'Free', cancel: others }
    case 'Forbid':
      return { kind: 'Taken', by: first }
  }
}
