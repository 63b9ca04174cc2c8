import { type GenerationSpec, generationSchema, type OpenAPISchema, openAPISchema } from '@amx/api'
import { usageError } from '../../connection/connection-options.ts'

const schema = openAPISchema(generationSchema('Generation.'))

/** `--set generation.alternatives=5` and the like as a spec; numbers and flags are read as their field is. Throws AMX-1014. */
export function setGeneration(assignments: readonly string[]): GenerationSpec {
  const spec: Record<string, unknown> = {}
  for (const assignment of assignments) {
    const separator = assignment.indexOf('=')
    if (separator < 1) throw usageError(`--set ${assignment}: write --set generation.<field>=<value>`)
    const path = assignment.slice(0, separator)
    const [root, ...fields] = path.split('.')
    if (root !== 'generation' || fields.length === 0)
      throw usageError(`--set ${path}: only fields of generation can be set`)
    assign(spec, fields, assignment.slice(separator + 1), path)
  }
  return spec as GenerationSpec
}

function assign(spec: Record<string, unknown>, fields: readonly string[], text: string, path: string): void {
  let place = spec
  let at: OpenAPISchema = schema
  for (const [index, name] of fields.entries()) {
    const next = at.properties?.[name]
    if (next === undefined) throw usageError(`--set ${path}: ${unknownField(name, at)}`)
    if (index === fields.length - 1) {
      place[name] = parseValue(next, text, path)
      return
    }
    const inner = (place[name] ?? {}) as Record<string, unknown>
    place[name] = inner
    place = inner
    at = next
  }
}

function unknownField(name: string, { properties }: OpenAPISchema): string {
  const known = Object.keys(properties ?? {})
  return known.length === 0
    ? `"${name}" has no fields below it`
    : `there is no "${name}"; there are ${known.join(', ')}`
}

function parseValue(schema: OpenAPISchema, text: string, path: string): unknown {
  const values = schema['enum']
  if (Array.isArray(values)) {
    const found = values.find((value) => String(value).toLowerCase() === text.toLowerCase())
    if (found === undefined) throw usageError(`--set ${path}: "${text}" is none of ${values.join(', ')}`)
    return found
  }
  switch (schema.type) {
    case 'integer':
      if (!/^-?[0-9]+$/.test(text)) throw usageError(`--set ${path}: "${text}" is no whole number`)
      return Number(text)
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw usageError(`--set ${path}: write true or false`)
      return text === 'true'
    case 'string':
      return text
    default:
      throw usageError(`--set ${path}: name one of its fields: ${Object.keys(schema.properties ?? {}).join(', ')}`)
  }
}
