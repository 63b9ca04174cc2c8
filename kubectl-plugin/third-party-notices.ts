import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

interface PackageJSON {
  readonly name: string
  readonly version: string
  readonly license?: string
}

/**
 * Name, version and licence text of every package that files of a bundle come from, in the order of their names. Throws for a
 * package that says no licence.
 */
export async function thirdPartyNotices(inputs: readonly string[]): Promise<string> {
  const folders = new Set(inputs.flatMap((input) => packageFolder(input) ?? []))
  const notices = await Promise.all([...folders].map(notice))
  const sorted = notices.sort((one, other) => (one.title < other.title ? -1 : 1))
  return `kubectl-amx contains these packages.\n\n${sorted.map(({ title, text }) => `${title}\n\n${text}\n`).join(`${'-'.repeat(80)}\n`)}`
}

/** Folder of the package a file is of; undefined for a file of ours. */
function packageFolder(file: string): string | undefined {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]
}

async function notice(folder: string): Promise<{ readonly title: string; readonly text: string }> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as PackageJSON
  if (license === undefined) throw new Error(`${name} names no licence: it must not be in the bundle`)
  const file = (await readdir(folder)).find((one) => /^(licen[cs]e|copying)/i.test(one))
  const text = file === undefined ? `Licence: ${license}` : (await readFile(join(folder, file), 'utf8')).trim()
  return { title: `${name} ${version} (${license})`, text }
}
