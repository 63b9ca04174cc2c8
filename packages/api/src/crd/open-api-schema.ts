import type { TSchema } from 'typebox'

/** A node of a structural OpenAPI v3 schema, as a CustomResourceDefinition holds it. */
export interface OpenAPISchema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'boolean'
  readonly description?: string
  readonly properties?: Readonly<Record<string, OpenAPISchema>>
  readonly additionalProperties?: OpenAPISchema
  readonly required?: readonly string[]
  readonly items?: OpenAPISchema
  readonly [keyword: string]: unknown
}

/** Keywords carried over as they are, in the order they are written. */
const copied = [
  'description',
  'type',
  'format',
  'enum',
  'pattern',
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'maxProperties',
] as const

const extensions = [
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
] as const

const types = ['object', 'array', 'string', 'integer', 'boolean']

/**
 * A schema as a CustomResourceDefinition takes it: structural, without references, unions or defaults.
 * Throws a TypeError with the path of a field that has no such form.
 */
export function openAPISchema(schema: TSchema, path = ''): OpenAPISchema {
  const source = schema as Readonly<Record<string, unknown>>
  const { type } = source
  if (typeof type !== 'string' || !types.includes(type)) {
    throw new TypeError(`${path || '.'} is no object, list, text, whole number or flag: it has no structural schema`)
  }
  if ('default' in source)
    throw new TypeError(`${path} has a default, which the API server would write into the object`)
  if (source['description'] === undefined && !isMember(path)) throw new TypeError(`${path} has no description`)
  return {
    type: type as OpenAPISchema['type'],
    ...pick(source, copied),
    ...(isSchema(source['items']) && { items: openAPISchema(source['items'], `${path}[]`) }),
    ...mapMembers(source, path),
    ...(isRecord(source['properties']) && {
      properties: Object.fromEntries(
        Object.entries(source['properties']).map(([name, member]) => [
          name,
          openAPISchema(member as TSchema, `${path}.${name}`),
        ]),
      ),
    }),
    ...(Array.isArray(source['required']) &&
      source['required'].length > 0 && { required: [...source['required']].sort() }),
    ...pick(source, extensions),
  }
}

/** Maps: TypeBox writes `Record<string, X>` as one pattern that every key matches. */
function mapMembers(source: Readonly<Record<string, unknown>>, path: string): { additionalProperties?: OpenAPISchema } {
  const patterns = source['patternProperties']
  if (!isRecord(patterns)) return {}
  const [member, ...more] = Object.values(patterns)
  if (!isSchema(member) || more.length > 0) throw new TypeError(`${path} is a map with more than one kind of member`)
  return { additionalProperties: openAPISchema(member, `${path}{}`) }
}

/** Members of a list or map are described by it. */
function isMember(path: string): boolean {
  return path.endsWith('[]') || path.endsWith('{}')
}

function pick(source: Readonly<Record<string, unknown>>, keywords: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keywords.filter((key) => source[key] !== undefined).map((key) => [key, source[key]]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSchema(value: unknown): value is TSchema {
  return isRecord(value)
}
