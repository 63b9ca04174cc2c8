import { expect, test } from 'vitest'
import { checkoutDir } from './cluster/folders.ts'
import { packageEntries, sourceFiles, violationsOf } from './dependency-direction.ts'

const entries = () => ['.', './cluster']

test('every import of this repository follows the direction of dependencies', () => {
  const known = new Map<string, string[]>()
  const entriesOf = (name: string) => {
    const found = known.get(name) ?? packageEntries(checkoutDir, name)
    known.set(name, found)
    return found
  }
  const files = sourceFiles(checkoutDir)
  expect(files.length).toBeGreaterThan(100)
  expect(files.flatMap((file) => violationsOf(file, entriesOf))).toEqual([])
})

test.each([
  ['packages/api/src/a.ts', "import { b } from '@amx/store'", 'must not depend on'],
  ['packages/kube/src/a.ts', "import type { b } from '@amx/api'", 'must not depend on'],
  ['packages/store/src/a.ts', "export * from '@amx/warehouse'", 'must not depend on'],
  ['worker/src/a.ts', "const b = await import('@amx/store')", 'must not depend on'],
  ['hack/a.ts', "import { b } from '@amx/operator'", 'must not depend on'],
  ['operator/src/a.ts', "import { b } from '@amx/hack'", 'must not depend on'],
  ['operator/src/a.ts', "import { b } from '@amx/api/src/b.ts'", 'is inside @amx/api'],
  ['operator/src/a.ts', "import { b } from '../../packages/api/src/b.ts'", 'by a path'],
  ['e2e/a.test.ts', "import { b } from '../operator/src/b.ts'", 'by a path'],
  ['operator/src/a.ts', "import { b } from './testing/b.ts'", 'is for tests'],
])('%s: %s is refused', (path, text, reason) => {
  expect(violationsOf({ path, text }, entries)).toEqual([expect.stringContaining(reason)])
})

test.each([
  ['operator/src/a.ts', "import { b } from '@amx/api'"],
  ['operator/src/a.ts', "import { b } from './b.ts'"],
  ['operator/src/a.ts', "import { b } from 'pino'"],
  ['operator/src/a.ts', "// import { b } from '@amx/worker'"],
  ['operator/src/testing/a.ts', "import { testNamespace } from '@amx/hack'"],
  ['operator/src/a.test.ts', "import { b } from './testing/b.ts'"],
  ['packages/store/src/a.pg.test.ts', "import { testDatabase } from '@amx/hack'"],
  ['e2e/a.test.ts', "import { startControlPlane } from '@amx/hack/cluster'"],
])('%s: %s is fine', (path, text) => {
  expect(violationsOf({ path, text }, entries)).toEqual([])
})
