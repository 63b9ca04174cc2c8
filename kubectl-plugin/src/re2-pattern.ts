import { RE2JS } from 're2js'
import { usageError } from './connection/connection-options.ts'

/** Whether a text matches a pattern, in RE2, so that no pattern takes for ever. Throws AMX-1014, naming the flag, for what is none. */
export function re2Pattern(pattern: string, flag: string): (text: string) => boolean {
  try {
    const compiled = RE2JS.compile(pattern)
    return (text) => compiled.matcher(text).find()
  } catch (error) {
    throw usageError(`${flag} ${pattern}: ${(error as Error).message}`)
  }
}
