import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { allReferencePages } from './src/reference/all-pages.ts'

// Writes docs/reference/kubectl-amx: a page per command. A unit test fails when a page is not as its command is.

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'reference', 'kubectl-amx')
await rm(folder, { recursive: true, force: true })
await mkdir(folder, { recursive: true })
for (const [name, content] of allReferencePages()) await writeFile(join(folder, name), content)
