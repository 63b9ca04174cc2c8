import type { CommandIO } from '../../command-io.ts'
import { usageError } from '../../connection/connection-options.ts'
import { createPrompt } from '../../prompt.ts'
import { askOne } from '../run/ask-scope.ts'
import type { WhenOptions } from './schedule-manifest.ts'

interface Named extends WhenOptions {
  readonly name?: string
  readonly review?: 'manual' | 'auto'
}

/** Name, time and zone of a schedule: what the command line leaves open is asked for. Throws AMX-1014 for what stays open. */
export async function askWhen<Given extends Named>(io: CommandIO, given: Given): Promise<Given> {
  const { at, cron, onChange } = given
  const open = at === undefined && cron === undefined && onChange === undefined
  const trigger = open
    ? await askOne(io, 'When does it fire', [
        { value: 'cron', label: 'again and again', hint: 'cron: minute, hour, day, month, weekday' },
        { value: 'at', label: 'once', hint: 'at a date and time' },
        { value: 'onChange', label: 'when the catalog changes', hint: 'tables or columns added, changed, dropped' },
      ])
    : null
  const review =
    given.review ??
    (open
      ? ((await askOne(io, 'Who reviews the drafts', [
          { value: 'manual', label: 'a person', hint: 'every draft' },
          { value: 'auto', label: 'nobody where the band is High', hint: 'a person reviews the rest' },
        ])) as 'manual' | 'auto')
      : undefined)
  const prompt = createPrompt(io)
  const line = async (question: string, what: string, standard?: string) => {
    const answer = ((await prompt.ask(question)) ?? '').trim() || standard
    if (answer === undefined) throw usageError(`${what} was not given`)
    return answer
  }
  try {
    const name = given.name ?? (await line('Name of the schedule: ', 'the name'))
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
    return {
      ...given,
      name,
      ...(review !== undefined && { review }),
      ...(trigger === 'cron' && { cron: await line('Five fields, such as 0 6 * * 1-5: ', 'the time') }),
      ...(trigger === 'at' && { at: await line('Local time, such as 2026-12-31T09:00: ', 'the time') }),
      ...(trigger === 'onChange' && { onChange: 'all' }),
      ...(trigger !== null &&
        trigger !== 'onChange' &&
        given.tz === undefined && { tz: await line(`Time zone [${zone}]: `, 'the zone', zone) }),
    }
  } finally {
    prompt.close()
  }
}
