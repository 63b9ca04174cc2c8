import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { examplesOf } from '../examples.ts'
import { allReferencePages } from './all-pages.ts'

const folder = fileURLToPath(new URL('../../../docs/reference/kubectl-amx', import.meta.url))
const pages = allReferencePages()

test('the pages in docs are those of the commands as they are (else: node kubectl-plugin/generate-reference.ts)', async () => {
  expect((await readdir(folder)).sort()).toEqual([...pages.keys()].sort())
  for (const [name, content] of pages) expect(await readFile(`${folder}/${name}`, 'utf8'), name).toBe(content)
})

describe('a page', () => {
  const commands = [...pages.keys()].filter((name) => name !== 'README.md')

  test.each(commands)('%s has an example', (name) => {
    expect(examplesOf(name.replace('.md', ''))).not.toEqual([])
  })

  test('names what a flag takes and what it is without it', () => {
    expect(pages.get('check.md')).toContain(
      '| `--counting <what>` | what counts as described (one of commented, accepted, drafted; default: commented) |',
    )
    expect(pages.get('check.md')).toContain('kubectl amx check [run] [flags]')
  })
})
