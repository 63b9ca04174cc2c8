import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { Address } from './local-platform.ts'

/** A Kubernetes object as it stands in a file. */
export interface ManifestObject {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string }
  spec?: Record<string, unknown>
}

/** The objects of all YAML files of a folder, in the order of the file names. */
export function readManifests(folder: string): ManifestObject[] {
  return globSync('*.yaml', { cwd: folder })
    .sort()
    .flatMap((file) => parseManifests(readFileSync(join(folder, file), 'utf8')))
}

export function parseManifests(yaml: string): ManifestObject[] {
  return parseAllDocuments(yaml)
    .map((document) => document.toJS() as ManifestObject | null)
    .filter((object) => object !== null)
}

/** The examples as they fit this machine: with the place where runs find the demo warehouse. */
export function withWarehouse(objects: readonly ManifestObject[], { host, port }: Address): ManifestObject[] {
  return objects.map((object) => {
    if (object.kind !== 'DatabaseProfile') return object
    const postgresql = { ...(object.spec?.['postgresql'] as object), host, port }
    return { ...object, spec: { ...object.spec, postgresql } }
  })
}
