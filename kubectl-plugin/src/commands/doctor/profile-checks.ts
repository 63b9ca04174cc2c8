import { type Condition, catalogue, type DatabaseProfile, isErrorCode, type LLMProfile } from '@amx/api'
import { type Asked, type Check, forbidden, missing } from './check.ts'

/** A profile of either kind, as far as its state is told. */
export type SeenProfile = Pick<DatabaseProfile | LLMProfile, 'metadata'> & {
  readonly kind: 'DatabaseProfile' | 'LLMProfile'
  readonly status?:
    | Pick<NonNullable<DatabaseProfile['status']>, 'lastTestTime' | 'lastHandledRequest' | 'lastError' | 'conditions'>
    | undefined
}

/** Whether a profile works by its last test, and its Secrets are there; what is in a Secret is never asked for. */
export function profileChecks(
  profile: SeenProfile,
  secrets: readonly { name: string; asked: Asked<unknown> }[],
  now: Date,
): Check[] {
  const part = profilePart(profile)
  const { conditions = [], lastTestTime } = profile.status ?? {}
  const tested = lastTestTime === undefined ? '' : `, tested ${ago(lastTestTime, now)}`
  const plain = `${profile.kind} ${profile.metadata.name}`
  const name = `${plain}${tested}`
  const absent = secrets.find(({ asked }) => 'code' in asked && asked.code === missing)
  if (absent !== undefined) {
    const remedy = `Create Secret ${absent.name} with the keys the profile names, then \`kubectl amx doctor --test\`.`
    return [{ part, state: 'Fail', says: `${name}: Secret ${absent.name} does not exist`, remedy }]
  }
  const hidden = secrets.some(({ asked }) => 'code' in asked && asked.code === forbidden)
  const note = hidden ? ' (you may not look at its Secrets)' : ''
  const ready = conditions.find(({ type }) => type === 'Ready')
  const untestable = untestableCheck(plain, profile)
  if (ready === undefined || ready.status === 'Unknown') {
    const why = ready?.message ?? 'its Secrets are there, and no operator has tested it'
    return untestable.length > 0 ? untestable : [{ part, state: 'Skipped', says: `${name}: not tested: ${why}${note}` }]
  }
  if (ready.status === 'False') return [{ part, ...broken(name, profile, ready), state: 'Fail' }, ...untestable]
  const check: Check = { part, state: 'Ok', says: `${name}: ${ready.message || 'ready'}${note}` }
  return [...withWriter(check, plain, profile), ...untestable]
}

/** What its writer may do, beside that the profile works. */
function withWriter(check: Check, name: string, profile: SeenProfile): Check[] {
  const { part } = check
  const writable = profile.status?.conditions?.find(({ type }) => type === 'Writable')
  if (writable?.status === 'True') return [check, { part, state: 'Ok', says: `${name}: ${writable.message}` }]
  if (writable?.status !== 'False') return [check]
  if (writable.reason === 'NoWriter') return [{ ...check, says: `${check.says} It names no writer.` }]
  // Some rows can be written all the same.
  const state = writable.reason === catalogue['AMX-1095'].reason ? 'Warn' : 'Fail'
  return [check, { part, ...broken(name, profile, writable), state }]
}

/** That the last test could not be made, for a cause in the cluster: what is shown of the profile is from before. */
function untestableCheck(name: string, profile: SeenProfile): Check[] {
  const error = profile.status?.lastError
  if (error === undefined || !/^AMX-[49]/.test(error.code)) return []
  const says = `${name}: could not be tested: ${error.message} (${error.code})`
  return [{ part: profilePart(profile), state: 'Warn', says, remedy: error.remedy }]
}

/** The part of the system a profile is shown under. */
export function profilePart({ kind }: Pick<SeenProfile, 'kind'>): string {
  return kind === 'LLMProfile' ? 'models' : 'databases'
}

/** What is wrong in the words of the error, whose remedy is a line of its own. */
function broken(
  name: string,
  { kind, metadata, status }: SeenProfile,
  { reason, message }: Condition,
): Required<Pick<Check, 'says' | 'remedy'>> {
  const error = status?.lastError
  if (error !== undefined && isErrorCode(error.code) && catalogue[error.code].reason === reason)
    return { says: `${name}: ${error.message} (${error.code})`, remedy: error.remedy }
  const describe = `\`kubectl describe ${kind.toLowerCase()} ${metadata.name}\``
  return { says: `${name}: ${reason}: ${message}`, remedy: `Correct what the message names; ${describe} has it all.` }
}

function ago(time: string, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - Date.parse(time)) / 1_000))
  return seconds < 90 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`
}
