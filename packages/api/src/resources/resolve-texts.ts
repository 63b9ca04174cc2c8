import { canonicalAssetPath } from '../asset-path.ts'
import { AmxError, toAmxError } from '../errors/amx-error.ts'
import type { HandWrittenText, TargetSettings } from '../wire/settings.ts'
import type { HandWritten } from './metadata-run.ts'

/** Bytes of UTF-8 a description may have. */
const textLimitBytes = 16_384

/**
 * The descriptions of `source.texts` with the target that each belongs to, in canonical paths. Throws AMX-1001 naming the text
 * that is empty, too long, said twice or of no one target, and a target that none is for.
 */
export function resolveTexts(texts: readonly HandWritten[], targets: readonly TargetSettings[]): HandWrittenText[] {
  const seen = new Set<string>()
  const resolved = texts.map((written, index): HandWrittenText => {
    const at = (field: string, problem: string) =>
      new AmxError('AMX-1001', { field: `spec.source.texts[${index}].${field}`, problem })
    const path = canonical(written.asset, at)
    const target = targetOf(written.target, targets, at)
    const key = `${target} ${path}`
    if (seen.has(key)) throw at('asset', `${path} has a text already`)
    seen.add(key)
    if (written.text.trim() === '') throw at('text', 'it is empty')
    if (new TextEncoder().encode(written.text).length > textLimitBytes) throw at('text', 'it is longer than 16 KiB')
    return { target, path, text: written.text }
  })
  const unused = targets.findIndex((_, index) => !resolved.some(({ target }) => target === index))
  if (unused !== -1) {
    throw new AmxError('AMX-1001', {
      field: `spec.targets[${unused}]`,
      problem: 'no text of spec.source.texts is for it',
    })
  }
  return resolved
}

type Refuse = (field: string, problem: string) => AmxError

function canonical(asset: string, at: Refuse): string {
  try {
    return canonicalAssetPath(asset)
  } catch (thrown) {
    throw at('asset', toAmxError(thrown).message)
  }
}

function targetOf(name: string | undefined, targets: readonly TargetSettings[], at: Refuse): number {
  const names = targets.map(({ profileName, postgresql }) => `${profileName}/${postgresql?.database ?? ''}`)
  if (name === undefined) {
    if (targets.length === 1) return 0
    throw at('target', `needed, since the run has ${targets.length} targets: one of ${names.join(', ')}`)
  }
  const found = targets.flatMap(({ profileName }, index) =>
    profileName === name || names[index] === name ? [index] : [],
  )
  const [only, ...others] = found
  if (only !== undefined && others.length === 0) return only
  throw at(
    'target',
    `"${name}" is ${found.length === 0 ? 'no target' : 'several targets'} of the run; it has ${names.join(', ')}`,
  )
}
