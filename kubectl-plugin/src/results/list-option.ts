import { Option } from 'commander'
import { collect } from '../connection/connection-options.ts'

/** An option of a closed vocabulary that can be given several times. */
export function listOption(flags: string, description: string, choices: readonly string[]): Option {
  const option = new Option(flags, `${description}; can be given several times`).choices([...choices])
  const parseOne = option.parseArg
  return option.argParser((value: string, earlier: readonly string[] | undefined) => {
    parseOne?.(value, undefined)
    return collect(value, earlier)
  })
}
