import { InvalidArgumentError, Option } from 'commander'
import { stringify } from 'yaml'
import { type CommandIO, print } from '../command-io.ts'
import type { KubernetesObject } from '../connection/kubernetes-client.ts'
import { evaluateJSONPath, type JSONPathTemplate, parseJSONPath } from './json-path.ts'

const objectFormats = ['table', 'wide', 'json', 'yaml', 'name'] as const
const jsonPathPrefix = 'jsonpath='

/** How a value is written out for a program. */
export type ValueFormat = 'json' | 'yaml' | `jsonpath=${string}`
export type OutputFormat = (typeof objectFormats)[number] | ValueFormat
/** A list can also be a CSV file. */
export type ListFormat = OutputFormat | 'csv'
/** What has no name to print: figures. */
export type FigureFormat = Exclude<ListFormat, 'name' | 'wide'>
/** Figures for a document as well. */
export type ReportFormat = FigureFormat | 'md'

/** The flag `-o` of a command about objects. */
export function outputOption(): Option {
  return formatOption(objectFormats)
}

/** The flag `-o` of a command that prints a list. */
export function listOutputOption(): Option {
  return formatOption([...objectFormats, 'csv'])
}

/** The flag `-o` of a command that prints figures. */
export function figureOutputOption(): Option {
  return formatOption(['table', 'json', 'yaml', 'csv'])
}

/** The flag `-o` of a command that prints figures people put into documents. */
export function reportOutputOption(): Option {
  return formatOption(['table', 'json', 'yaml', 'csv', 'md'])
}

/** The flag `-o` of a command that prints one thing. */
export function valueOutputOption(): Option {
  return formatOption(['table', 'json', 'yaml'])
}

/** The flag `-o` with these formats and JSONPath. */
export function formatOption(named: readonly string[]): Option {
  const all = `${named.join(', ')}, jsonpath=<template>`
  return new Option('-o, --output <format>', `how to print: ${all}`).default('table').argParser((text) => {
    if (named.includes(text)) return text
    if (!text.startsWith(jsonPathPrefix)) throw new InvalidArgumentError(`Allowed choices are ${all}.`)
    try {
      templateOf(text)
    } catch (error) {
      throw new InvalidArgumentError((error as Error).message)
    }
    return text
  })
}

/** Formats that `-o` of a command takes, as its help names them; for completion. */
export function formatsOf(option: Option): readonly string[] {
  const [, list = ''] = option.description.split('how to print: ')
  return list.replace('<template>', '').split(', ').filter(Boolean)
}

export function isValueFormat(format: string): format is ValueFormat {
  return format === 'json' || format === 'yaml' || format.startsWith(jsonPathPrefix)
}

/** Prints a value as JSON, as YAML, or what a JSONPath template takes of it. */
export function printValue(io: CommandIO, value: unknown, format: ValueFormat): void {
  if (format === 'json') print(io, JSON.stringify(value, null, 2))
  // kubectl and Helm read YAML 1.1, to which a bare `yes` is no text and `12:30` is 750.
  else if (format === 'yaml') print(io, stringify(value, { lineWidth: 0, version: '1.1' }).trimEnd())
  else io.stdout.write(evaluateJSONPath(templateOf(format), value))
}

/** `kind.group/name`, as kubectl names an object. */
export function objectName({ kind, metadata }: KubernetesObject): string {
  return `${(kind ?? '').toLowerCase()}.amx.dev/${metadata.name}`
}

/** Prints an object that was made or changed: as data where asked for, else its name and what happened. */
export function printObject(io: CommandIO, object: KubernetesObject, format: OutputFormat, happened: string): void {
  if (isValueFormat(format)) printValue(io, withoutManagedFields(object), format)
  else print(io, format === 'name' ? objectName(object) : `${objectName(object)} ${happened}`)
}

/** An object without the bookkeeping of server-side apply. */
export function withoutManagedFields<Item extends KubernetesObject>(object: Item): Item {
  const { managedFields: _, ...metadata } = object.metadata as Item['metadata'] & { managedFields?: unknown }
  return { ...object, metadata }
}

function templateOf(format: string): JSONPathTemplate {
  return parseJSONPath(format.slice(jsonPathPrefix.length))
}
