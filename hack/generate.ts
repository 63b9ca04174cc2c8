import { spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { admissionPolicies, customResourceDefinition, plurals, resourceDefinitions } from '@amx/api'
import { stringify } from 'yaml'
import { errorsPage } from './reference/errors-page.ts'
import { resourceIndexPage, resourcePage } from './reference/resource-page.ts'

// Writes the files that follow from the schemas of packages/api; `--check` writes nothing and fails when one differs.

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const header = '# Generated from packages/api by `npm run generate`. Do not edit.\n'

function toYaml(...documents: readonly unknown[]): string {
  const parts = documents.map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false }))
  return header + parts.join('---\n')
}

/** Path below the repository's root -> content of every generated file. */
function generatedFiles(): Map<string, string> {
  const files = new Map<string, string>()
  for (const definition of resourceDefinitions) {
    files.set(`crds/${plurals[definition.kind]}.yaml`, toYaml(customResourceDefinition(definition)))
    files.set(`docs/reference/resources/${definition.kind.toLowerCase()}.md`, resourcePage(definition))
  }
  files.set('crds/policies.yaml', toYaml(...admissionPolicies()))
  files.set('docs/reference/resources/README.md', resourceIndexPage(resourceDefinitions))
  files.set('docs/reference/errors.md', errorsPage())
  return files
}

/** Folders that hold nothing else; in others a person's own pages stand beside generated ones. */
const generatedFolders = ['crds', 'docs/reference/resources']

/** Files in these folders that nothing generates any more. */
async function strayFiles(files: ReadonlyMap<string, string>): Promise<string[]> {
  const present = await Promise.all(
    generatedFolders.map(async (folder) =>
      (await readdir(join(root, folder)).catch(() => [])).map((name) => join(folder, name)),
    ),
  )
  return present.flat().filter((path) => /\.(yaml|md)$/.test(path) && !files.has(path))
}

async function differences(files: ReadonlyMap<string, string>): Promise<string[]> {
  const found: string[] = []
  for (const [path, wanted] of files) {
    const present = await readFile(join(root, path), 'utf8').catch(() => null)
    if (present === wanted) continue
    found.push(present === null ? `${path}: missing` : `${path}: ${describeDifference(present, wanted)}`)
  }
  return [...found, ...(await strayFiles(files)).map((path) => `${path}: nothing generates it`)]
}

function describeDifference(present: string, wanted: string): string {
  const old = present.split('\n')
  const fresh = wanted.split('\n')
  const line = fresh.findIndex((text, index) => text !== old[index])
  const at = line === -1 ? fresh.length : line
  return `line ${at + 1} is\n    ${old[at] ?? '(end of file)'}\n  and should be\n    ${fresh[at] ?? '(end of file)'}`
}

const files = generatedFiles()
const changed = await differences(files)
if (process.argv.includes('--check')) {
  if (changed.length > 0) {
    console.error(
      `${changed.length} generated files are not up to date; run \`npm run generate\`:\n${changed.join('\n')}`,
    )
    process.exitCode = 1
  }
} else {
  for (const [path, content] of files) {
    const target = join(root, path)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, content)
  }
  for (const path of await strayFiles(files)) await rm(join(root, path))
  console.log(changed.length === 0 ? 'nothing to do' : changed.map((text) => text.split('\n')[0]).join('\n'))
}

// The pages about the commands follow from the plugin, which is no library of ours.
const reference = join(root, 'kubectl-plugin', 'generate-reference.ts')
const { status } = spawnSync(process.execPath, [reference, ...process.argv.slice(2)], { stdio: 'inherit' })
if (status !== 0) process.exitCode = 1
