import { type ConfigReader, MissingReferenceError, referredValues } from './container-environment.ts'
import { fieldValue, resourceValue } from './downward-api.ts'
import type { ConfigMapSource, DownwardApiItem, Pod, ProjectedSource, TokenSource, Volume } from './pod-types.ts'

/** One file of a volume; the path is relative to the volume. */
export interface VolumeFile {
  path: string
  content: Buffer
  mode: number
}

/** Gives the current token for a projected source. */
export type TokenReader = (source: TokenSource) => Promise<string>

/**
 * The files of a volume that is made from objects; undefined for a volume of another kind. Throws MissingReferenceError
 * for an object or key that is not there and not optional.
 */
export async function volumeContent(
  pod: Pod,
  volume: Volume,
  read: ConfigReader,
  token: TokenReader,
): Promise<VolumeFile[] | undefined> {
  if (volume.secret) {
    const { secretName, defaultMode, ...source } = volume.secret
    return configFiles('secrets', { ...source, name: secretName ?? '' }, defaultMode ?? 0o644, read)
  }
  if (volume.configMap) return configFiles('configmaps', volume.configMap, volume.configMap.defaultMode ?? 0o644, read)
  if (volume.downwardAPI) {
    return downwardFiles(pod, volume.downwardAPI.items ?? [], volume.downwardAPI.defaultMode ?? 0o644)
  }
  if (volume.projected) {
    const mode = volume.projected.defaultMode ?? 0o644
    const sources = volume.projected.sources ?? []
    return (await Promise.all(sources.map((source) => projectedFiles(pod, source, mode, read, token)))).flat()
  }
  return undefined
}

async function projectedFiles(
  pod: Pod,
  source: ProjectedSource,
  mode: number,
  read: ConfigReader,
  token: TokenReader,
): Promise<VolumeFile[]> {
  if (source.secret) return configFiles('secrets', source.secret, mode, read)
  if (source.configMap) return configFiles('configmaps', source.configMap, mode, read)
  if (source.downwardAPI) return downwardFiles(pod, source.downwardAPI.items ?? [], mode)
  if (source.serviceAccountToken) {
    const content = Buffer.from(await token(source.serviceAccountToken))
    return [{ path: source.serviceAccountToken.path, content, mode: 0o600 }]
  }
  throw new Error('the process node does not know this kind of projected source')
}

async function configFiles(
  kind: 'configmaps' | 'secrets',
  source: ConfigMapSource,
  mode: number,
  read: ConfigReader,
): Promise<VolumeFile[]> {
  const need = source.optional === true ? 'optional' : 'required'
  const values = (await referredValues(kind, source.name ?? '', need, read)) ?? {}
  if (source.items === undefined) {
    return Object.entries(values).map(([path, content]) => ({ path, content, mode }))
  }
  return source.items.flatMap((item) => {
    const content = values[item.key]
    if (content !== undefined) return [{ path: item.path, content, mode: item.mode ?? mode }]
    if (need === 'optional') return []
    const noun = kind === 'secrets' ? 'secret' : 'config'
    throw new MissingReferenceError(`references non-existent ${noun} key: ${item.key}`)
  })
}

function downwardFiles(pod: Pod, items: readonly DownwardApiItem[], mode: number): VolumeFile[] {
  return items.map((item) => {
    const value = item.fieldRef
      ? fieldValue(pod, item.fieldRef)
      : resourceValue(pod, undefined, item.resourceFieldRef ?? { resource: '' })
    return { path: item.path, content: Buffer.from(value), mode: item.mode ?? mode }
  })
}
