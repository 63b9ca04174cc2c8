import { AmxError } from './amx-error.ts'

/**
 * AMX-1006 for assets that do not exist. `where` goes on with the sentence, such as ` among the results of this run` or
 * `; did you mean sales.customer?`.
 */
export function unknownAsset(assets: readonly string[], where = ''): AmxError {
  const verb = assets.length === 1 ? 'does' : 'do'
  return new AmxError('AMX-1006', { asset: enumerated(assets), verb, nearest: where })
}

/** The end of that sentence: names that exist and read much like it; empty when there are none. */
export function didYouMean(nearest: readonly string[]): string {
  return nearest.length === 0 ? '' : `; did you mean ${nearest.join(', ')}?`
}

function enumerated(assets: readonly string[]): string {
  if (assets.length < 2) return assets.join('')
  const shown = assets.slice(0, mostShown)
  const rest = assets.length - shown.length
  return rest === 0 ? `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}` : `${shown.join(', ')} and ${rest} more`
}

const mostShown = 10

/** The assets that the message of an AMX-1006 names, as far as it names them. */
export function unknownAssetsOf(message: string): readonly string[] {
  const named = /^(.*?) (?:does|do) not exist/s.exec(message)?.[1]
  if (named === undefined) return []
  return named.replace(/ and \d+ more$/, '').split(/, | and /)
}
