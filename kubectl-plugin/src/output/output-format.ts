import { Option } from 'commander'
import { stringify } from 'yaml'
import { type CommandIO, print } from '../command-io.ts'
import type { KubernetesObject } from '../connection/kubernetes-client.ts'

export const outputFormats = ['table', 'wide', 'json', 'yaml', 'name'] as const
export type OutputFormat = (typeof outputFormats)[number]

/** The flag `-o`. */
export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to print').choices(outputFormats).default('table')
}

/** Prints a value as JSON or YAML. */
export function printValue(io: CommandIO, value: unknown, format: 'json' | 'yaml'): void {
  print(io, format === 'json' ? JSON.stringify(value, null, 2) : stringify(value, { lineWidth: 0 }).trimEnd())
}

/** `kind.group/name`, as kubectl names an object. */
export function objectName({ kind, metadata }: KubernetesObject): string {
  return `${(kind ?? '').toLowerCase()}.amx.dev/${metadata.name}`
}

/** Prints an object that was made or changed: as data where asked for, else its name and what happened. */
export function printObject(io: CommandIO, object: KubernetesObject, format: OutputFormat, happened: string): void {
  if (format === 'json' || format === 'yaml') printValue(io, withoutManagedFields(object), format)
  else print(io, format === 'name' ? objectName(object) : `${objectName(object)} ${happened}`)
}

/** An object without the bookkeeping of server-side apply. */
export function withoutManagedFields<Item extends KubernetesObject>(object: Item): Item {
  const { managedFields: _, ...metadata } = object.metadata as Item['metadata'] & { managedFields?: unknown }
  return { ...object, metadata }
}
