import type { ConfigKind } from './config-objects.ts'
import { fieldValue, resourceValue } from './downward-api.ts'
import type { ConfigObject, Container, EnvVar, Pod } from './pod-types.ts'
import { expandVariables } from './variable-expansion.ts'

/** Gives a config map or secret of the pod's namespace, undefined if there is none. */
export type ConfigReader = (kind: ConfigKind, name: string) => Promise<ConfigObject | undefined>

/** Something a container needs is not there. Thrown while its environment or its volumes are made; a later try can work. */
export class MissingReferenceError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'MissingReferenceError'
  }
}

/**
 * The variables that a container's spec asks for, in the kubelet's order: `envFrom`, then `env`, each of which can use
 * the earlier ones and `given`. Throws MissingReferenceError for an object or a key that is not there and not optional.
 */
export async function containerEnvironment(
  pod: Pod,
  container: Container,
  given: Readonly<Record<string, string>>,
  read: ConfigReader,
): Promise<Record<string, string>> {
  const result: Record<string, string> = {}
  for (const source of container.envFrom ?? []) {
    const ref = source.configMapRef ?? source.secretRef
    const kind: ConfigKind = source.configMapRef ? 'configmaps' : 'secrets'
    if (ref === undefined) continue
    const values = await referredValues(kind, ref.name ?? '', ref.optional === true ? 'optional' : 'required', read)
    for (const [key, value] of Object.entries(values ?? {})) {
      result[`${source.prefix ?? ''}${key}`] = value.toString('utf8')
    }
  }
  for (const variable of container.env ?? []) {
    const value = await variableValue(pod, container, variable, { ...given, ...result }, read)
    if (value !== undefined) result[variable.name] = value
  }
  return result
}

async function variableValue(
  pod: Pod,
  container: Container,
  variable: EnvVar,
  earlier: Readonly<Record<string, string>>,
  read: ConfigReader,
): Promise<string | undefined> {
  const from = variable.valueFrom
  if (from === undefined) return expandVariables(variable.value ?? '', earlier)
  if (from.fieldRef) return fieldValue(pod, from.fieldRef)
  if (from.resourceFieldRef) return resourceValue(pod, container, from.resourceFieldRef)
  const ref = from.configMapKeyRef ?? from.secretKeyRef
  if (ref === undefined) return undefined
  const kind: ConfigKind = from.configMapKeyRef ? 'configmaps' : 'secrets'
  const need = ref.optional === true ? 'optional' : 'required'
  const values = await referredValues(kind, ref.name ?? '', need, read)
  const value = values?.[ref.key]
  if (value === undefined && need === 'required') {
    const noun = kind === 'configmaps' ? 'ConfigMap' : 'Secret'
    throw new MissingReferenceError(`couldn't find key ${ref.key} in ${noun} ${pod.metadata.namespace}/${ref.name}`)
  }
  return value?.toString('utf8')
}

/** The keys of a config map or secret with their bytes. Throws MissingReferenceError for a required one that is not there. */
export async function referredValues(
  kind: ConfigKind,
  name: string,
  need: 'required' | 'optional',
  read: ConfigReader,
): Promise<Record<string, Buffer> | undefined> {
  const object = await read(kind, name)
  if (object === undefined) {
    if (need === 'optional') return undefined
    throw new MissingReferenceError(`${kind === 'configmaps' ? 'configmap' : 'secret'} "${name}" not found`)
  }
  const encoding = kind === 'secrets' ? 'base64' : 'utf8'
  const result: Record<string, Buffer> = {}
  for (const [key, value] of Object.entries(object.data ?? {})) result[key] = Buffer.from(value, encoding)
  for (const [key, value] of Object.entries(object.binaryData ?? {})) result[key] = Buffer.from(value, 'base64')
  return result
}
