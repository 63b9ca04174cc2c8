import {
  apiGroup,
  apiVersion,
  type OpenAPISchema,
  openAPISchema,
  plurals,
  type ResourceDefinition,
  shortNames,
  type ValidationRule,
} from '@amx/api'
import { resourceExamples } from './resource-examples.ts'

/** The reference page of one kind: what it is, an example, every field, every rule. */
export function resourcePage(definition: ResourceDefinition): string {
  const { kind } = definition
  const spec = openAPISchema(definition.spec)
  const status = openAPISchema(definition.status)
  const rules = ruleLines(spec, 'spec')
  return [
    `# ${kind}`,
    definition.description,
    `\`${apiVersion}\`, \`kubectl get ${plurals[kind]}\` or \`${shortNames[kind]}\`. Generated from the schemas in \`packages/api\`; \`kubectl explain ${plurals[kind]}.${apiGroup}\` says the same.`,
    `\`\`\`yaml\n${resourceExamples[kind].trim()}\n\`\`\``,
    '## Spec',
    fieldTable(spec, 'spec'),
    ...(rules.length > 0 ? ['### Rules', rules.join('\n')] : []),
    '## Status',
    fieldTable(status, 'status'),
    '## Columns of `kubectl get`',
    table(
      ['Column', 'Shows'],
      definition.printerColumns.map(({ name, description, priority }) => [
        name,
        priority ? `${description} With \`-o wide\`.` : description,
      ]),
    ),
    ...(definition.selectableFields.length > 0
      ? [`Field selectors: ${definition.selectableFields.map((path) => `\`${path.slice(1)}\``).join(', ')}.`]
      : []),
  ]
    .join('\n\n')
    .concat('\n')
}

/** The page that lists the kinds. */
export function resourceIndexPage(definitions: readonly ResourceDefinition[]): string {
  const rows = definitions.map(({ kind, description }) => [
    `[${kind}](${kind.toLowerCase()}.md)`,
    `\`${shortNames[kind]}\``,
    description,
  ])
  return `# Resources

Everything AMX does is asked for with these objects, group \`${apiGroup}\`. All are namespaced; \`kubectl get amx\` lists them all.
An absent field means its default, which its description names; nothing is filled into the objects people write.

${table(['Kind', 'Short name', 'What it is'], rows)}
`
}

function fieldTable(schema: OpenAPISchema, path: string): string {
  return table(['Field', 'Type', 'Limits', 'Description'], fieldRows(schema, path))
}

function fieldRows(schema: OpenAPISchema, path: string): string[][] {
  const required = schema.required ?? []
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const memberPath = `${path}.${name}`
    const row = [
      `\`${memberPath}\``,
      typeName(member),
      [required.includes(name) ? 'required' : '', ...limits(member)].filter(Boolean).join('; '),
      member.description ?? '',
    ]
    return [row, ...nestedRows(member, memberPath)]
  })
}

function nestedRows(schema: OpenAPISchema, path: string): string[][] {
  if (schema.type === 'array') return schema.items ? nestedRows(schema.items, `${path}[]`) : []
  return schema.type === 'object' ? fieldRows(schema, path) : []
}

const typeNames = { string: 'text', integer: 'whole number', boolean: 'flag', object: 'object', array: 'list' } as const

function typeName(schema: OpenAPISchema): string {
  if (schema.type === 'array' && schema.items) return `list of ${typeName(schema.items)}`
  if (schema.additionalProperties) return `map of ${typeName(schema.additionalProperties)}`
  if (schema['format'] === 'date-time') return 'time'
  const values = schema['enum']
  return Array.isArray(values) ? values.map((value) => `\`${value}\``).join(', ') : typeNames[schema.type]
}

function limits(schema: OpenAPISchema): string[] {
  const { minimum, maximum, minItems, maxItems, maxLength, pattern, maxProperties } = schema
  return [
    typeof minimum === 'number' && typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER
      ? `${minimum} to ${maximum}`
      : '',
    typeof maxItems === 'number'
      ? `${typeof minItems === 'number' ? `${minItems} to` : 'at most'} ${maxItems} items`
      : '',
    typeof maxProperties === 'number' ? `at most ${maxProperties} keys` : '',
    typeof maxLength === 'number' && schema['format'] === undefined && schema['enum'] === undefined
      ? `at most ${maxLength} characters`
      : '',
    typeof pattern === 'string' ? `matches \`${pattern}\`` : '',
  ].filter(Boolean)
}

function ruleLines(schema: OpenAPISchema, path: string): string[] {
  const rules = (schema['x-kubernetes-validations'] ?? []) as readonly ValidationRule[]
  const own = rules.map(({ message, fieldPath }) => `- \`${path}${fieldPath ?? ''}\`: ${message}.`)
  const members = Object.entries(schema.properties ?? {}).flatMap(([name, member]) =>
    ruleLines(member, `${path}.${name}`),
  )
  return [...own, ...members, ...(schema.items ? ruleLines(schema.items, `${path}[]`) : [])]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|')
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')
}
