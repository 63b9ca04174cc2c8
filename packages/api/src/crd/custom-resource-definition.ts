import type { ResourceDefinition } from '../resources/definitions.ts'
import { apiGroup, apiVersionName, plurals, shortNames } from '../resources/group.ts'
import { type OpenAPISchema, openAPISchema } from './open-api-schema.ts'

export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1'
  readonly kind: 'CustomResourceDefinition'
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> }
  readonly spec: Readonly<Record<string, unknown>> & {
    readonly versions: readonly {
      readonly name: string
      readonly schema: { readonly openAPIV3Schema: OpenAPISchema }
      readonly [keyword: string]: unknown
    }[]
  }
}

/** The CustomResourceDefinition of a kind, members in the order they are read. */
export function customResourceDefinition(definition: ResourceDefinition): CustomResourceDefinition {
  const { kind } = definition
  const plural = plurals[kind]
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${apiGroup}`, labels: { 'app.kubernetes.io/part-of': 'amx' } },
    spec: {
      group: apiGroup,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        shortNames: [shortNames[kind]],
        categories: ['amx'],
      },
      versions: [
        {
          name: apiVersionName,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: definition.printerColumns.map(({ priority, ...column }) => ({
            ...column,
            ...(priority && { priority }),
          })),
          ...(definition.selectableFields.length > 0 && {
            selectableFields: definition.selectableFields.map((jsonPath) => ({ jsonPath })),
          }),
          schema: { openAPIV3Schema: objectSchema(definition) },
        },
      ],
    },
  }
}

function objectSchema(definition: ResourceDefinition): OpenAPISchema {
  return {
    description: definition.description,
    type: 'object',
    properties: {
      apiVersion: { description: `Version of the schema: ${apiGroup}/${apiVersionName}.`, type: 'string' },
      kind: { description: `Kind of the object: ${definition.kind}.`, type: 'string' },
      metadata: { type: 'object' },
      spec: openAPISchema(definition.spec, '.spec'),
      status: openAPISchema(definition.status, '.status'),
    },
    required: ['spec'],
  }
}
