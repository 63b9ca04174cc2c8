import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { allReferencePages } from './src/reference/all-pages.ts'

// Writes docs/reference/kubectl-amx: a page per command. `--check` writes nothing and fails when a page is not as its command is.

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'reference', 'kubectl-amx')
const pages = allReferencePages()

if (process.argv.includes('--check')) {
  const names = new Set([...pages.keys(), ...(await readdir(folder).catch(() => []))])
  const contents = await Promise.all([...names].map((name) => readFile(join(folder, name), 'utf8').catch(() => null)))
  const stale = [...names].filter((name, index) => contents[index] !== pages.get(name))
  if (stale.length > 0) {
    console.error(`not as the commands are; run \`npm run generate\`: ${stale.join(', ')}`)
    process.exitCode = 1
  }
} else {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const [name, content] of pages) await writeFile(join(folder, name), content)
}
