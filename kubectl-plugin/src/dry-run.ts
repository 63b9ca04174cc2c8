import { InvalidArgumentError, Option } from 'commander'

/** Where a creating command stops: nowhere, before it asks the API server, or after the API server checked what it is given. */
export type DryRun = (typeof dryRuns)[number]
const dryRuns = ['none', 'client', 'server'] as const

const flag = '--dry-run'

/**
 * The flag `--dry-run` of a command that creates an object. `client` prints what would be created, `server` has the API server check
 * it; with nothing behind it, it means `bare`, which `says` tells in the help.
 */
export function dryRunOption<Bare extends string>({
  bare,
  says,
}: {
  readonly bare: Bare
  readonly says: string
}): Option {
  return new Option(`${flag} [where]`, says)
    .choices(dryRuns)
    .argParser((text): DryRun | Bare => {
      if (text === '') return bare
      const found = dryRuns.find((one) => one === text)
      if (found === undefined) throw new InvalidArgumentError(`Allowed choices are ${dryRuns.join(', ')}.`)
      return found
    })
    .preset('')
    .default('none')
}

/** Words in which a `--dry-run` without a value of its own does not take the next word for one. Pure. */
export function withBareDryRun(words: readonly string[]): string[] {
  const end = words.indexOf('--')
  return words.map((word, index) => {
    const bare = word === flag && (end === -1 || index < end) && !dryRuns.some((one) => one === words[index + 1])
    return bare ? `${flag}=` : word
  })
}

/** Query of a request that creates an object: it is checked strictly, and with `server` kept by nobody. */
export function createQuery(dryRun: 'none' | 'server'): string {
  return dryRun === 'server' ? '?dryRun=All&fieldValidation=Strict' : '?fieldValidation=Strict'
}

/** What happened to an object, as its line says it. */
export function createdWords(dryRun: DryRun): string {
  return { none: 'created', client: 'created (dry run)', server: 'created (server dry run)' }[dryRun]
}
