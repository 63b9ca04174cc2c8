import { Type } from 'typebox'
import { describe, expect, test } from 'vitest'
import { resourceDefinitions } from '../resources/definitions.ts'
import { type OpenAPISchema, openAPISchema } from './open-api-schema.ts'

const described = { description: 'A field.' }

describe('a schema becomes structural', () => {
  test('optional members are not required, and required ones are in a stable order', () => {
    const schema = openAPISchema(
      Type.Object(
        { b: Type.String(described), a: Type.Boolean(described), c: Type.Optional(Type.Integer(described)) },
        described,
      ),
    )
    expect(schema.required).toEqual(['a', 'b'])
    expect(schema.properties?.['c']).toEqual({ type: 'integer', description: 'A field.' })
  })

  test('a map becomes additionalProperties', () => {
    expect(openAPISchema(Type.Record(Type.String(), Type.Boolean(), described))).toMatchObject({
      type: 'object',
      additionalProperties: { type: 'boolean' },
    })
  })

  test.each([
    ['a union', Type.Union([Type.String(), Type.Null()], described)],
    ['a number with a fraction', Type.Number(described)],
    ['anything', Type.Unknown(described)],
  ])('%s is refused with its path', (_, schema) => {
    expect(() => openAPISchema(Type.Object({ odd: schema }, described), '.spec')).toThrowError(/^\.spec\.odd is no/)
  })

  test('a default is refused: the API server would write it into the object', () => {
    expect(() => openAPISchema(Type.String({ ...described, default: 'x' }))).toThrowError(/default/)
  })

  test('a field without a description is refused', () => {
    expect(() => openAPISchema(Type.Object({ bare: Type.String() }, described))).toThrowError(
      /\.bare has no description/,
    )
  })
})

describe.each(resourceDefinitions)('$kind', (definition) => {
  const fields = [
    ...allFields(openAPISchema(definition.spec), 'spec'),
    ...allFields(openAPISchema(definition.status), 'status'),
  ]

  test('limits the length of every text and list, so that rules stay inside their cost budget', () => {
    const unlimited = fields.filter(
      ([, { type, maxLength, maxItems, enum: values, additionalProperties, maxProperties }]) =>
        (type === 'string' && maxLength === undefined && values === undefined) ||
        (type === 'array' && maxItems === undefined) ||
        (additionalProperties !== undefined && maxProperties === undefined),
    )
    expect(unlimited.map(([path]) => path)).toEqual([])
  })

  test('limits every number', () => {
    const unlimited = fields.filter(
      ([, { type, minimum, maximum }]) => type === 'integer' && (minimum === undefined || maximum === undefined),
    )
    expect(unlimited.map(([path]) => path)).toEqual([])
  })

  test('names the default of every optional field of its spec', () => {
    const silent = optionalLeaves(openAPISchema(definition.spec), 'spec').filter(
      ([, { description }]) => !/Default: |Needed for/.test(description ?? ''),
    )
    expect(silent.map(([path]) => path).filter((path) => !fieldsWithoutDefault.has(path))).toEqual([])
  })
})

/** Exactly one of these has to be chosen, or a rule demands them: there is nothing to default to. */
const fieldsWithoutDefault = new Set([
  'spec.at',
  'spec.cron',
  'spec.items',
  'spec.targets',
  'spec.runTemplate.spec.targets',
])

function allFields(schema: OpenAPISchema, path: string): [string, OpenAPISchema][] {
  return [
    [path, schema],
    ...Object.entries(schema.properties ?? {}).flatMap(([name, member]) => allFields(member, `${path}.${name}`)),
    ...(schema.items ? allFields(schema.items, `${path}[]`) : []),
    ...(schema.additionalProperties ? allFields(schema.additionalProperties, `${path}{}`) : []),
  ]
}

function optionalLeaves(schema: OpenAPISchema, path: string): [string, OpenAPISchema][] {
  const own = Object.entries(schema.properties ?? {}).filter(
    ([name, { type, additionalProperties }]) =>
      !schema.required?.includes(name) && (type !== 'object' || additionalProperties) && !additionalProperties,
  )
  return [
    ...own.map(([name, member]): [string, OpenAPISchema] => [`${path}.${name}`, member]),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, member]) => optionalLeaves(member, `${path}.${name}`)),
    ...(schema.items ? optionalLeaves(schema.items, `${path}[]`) : []),
  ]
}
