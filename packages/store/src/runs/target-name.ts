import type { RunSettings } from '@amx/api'

type Targets = Pick<RunSettings, 'targets'>

/** What people call a target of a run: its DatabaseProfile, with the database where the profile serves several of the run. */
export function targetName({ targets }: Targets, index: number): string {
  const target = targets[index]
  if (target === undefined) return String(index)
  const { profileName, postgresql } = target
  const alone = targets.filter((other) => other.profileName === profileName).length === 1
  return alone || postgresql === null ? profileName : `${profileName}/${postgresql.database}`
}

/** The index of the target that a name means: `profile/database`, or a profile with one target alone. -1 when there is none. */
export function targetIndexOf(settings: Targets, name: string): number {
  return settings.targets.findIndex(({ profileName, postgresql }, index) => {
    return targetName(settings, index) === name || `${profileName}/${postgresql?.database ?? ''}` === name
  })
}
