import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import ts from 'typescript'

/**
 * Which packages of this repository each package may import. `hack` and `e2e` start and test the others, so they may
 * import every package; nothing imports an application.
 */
const allowedImports: Record<string, readonly string[]> = {
  'packages/api': [],
  'packages/kube': [],
  'packages/store': ['api'],
  'packages/warehouse': ['api'],
  'packages/retrieval': [],
  'packages/drafting': ['api', 'retrieval'],
  'packages/context': ['api', 'retrieval'],
  operator: ['api', 'kube', 'store'],
  worker: ['api', 'warehouse', 'drafting', 'context'],
  'dashboard/server': ['api', 'kube', 'store', 'retrieval'],
  'kubectl-plugin': ['api'],
  hack: ['api', 'kube', 'store', 'warehouse', 'drafting', 'context', 'retrieval', 'hack'],
  e2e: ['api', 'kube', 'store', 'warehouse', 'drafting', 'context', 'retrieval', 'hack'],
}

/** What the tests of every package may import besides. */
const allowedInTests = ['hack']

// Support of tests stands beside them, or in a folder named testing; a bench stands on it, too.
const testPath = /\.test\.ts$|(^|\/)(testing|bench)\/|(^|\/)test-[^/]*\.ts$|-fixtures?\.ts$/

/** A source file as the rules see it. */
export interface SourceFile {
  /** Below the repository's root, with slashes. */
  path: string
  text: string
}

/** What the rules of dependency direction say against a file: one sentence per import, none when all is well. */
export function violationsOf(file: SourceFile, exportsOf: (packageName: string) => readonly string[]): string[] {
  const home = homeOf(file.path)
  if (home === undefined) return []
  const isTest = testPath.test(file.path)
  const allowed = [...(allowedImports[home] ?? []), ...(isTest ? allowedInTests : [])]
  return ts.preProcessFile(file.text, true, true).importedFiles.flatMap(({ fileName }) => {
    if (fileName.startsWith('.')) {
      const target = relative('.', resolve(dirname(file.path), fileName))
        .split(sep)
        .join('/')
      if (!isTest && home !== 'hack' && home !== 'e2e' && testPath.test(target)) {
        return [`${file.path} imports ${target}, which is for tests`]
      }
      if (homeOf(target) === home) return []
      return [`${file.path} reaches ${target} by a path: import its package by name`]
    }
    const named = /^@amx\/([^/]+)(?:\/(.+))?$/.exec(fileName)
    if (named === null) return []
    const [, name = '', subpath] = named
    if (!allowed.includes(name)) return [`${file.path} imports ${fileName}, which ${home} must not depend on`]
    const entry = subpath === undefined ? '.' : `./${subpath}`
    if (!exportsOf(name).includes(entry)) return [`${file.path} imports ${fileName}, which is inside @amx/${name}`]
    return []
  })
}

function homeOf(path: string): string | undefined {
  return Object.keys(allowedImports).find((home) => path.startsWith(`${home}/`))
}

/** Every TypeScript file of the repository's packages. */
export function sourceFiles(root: string): SourceFile[] {
  return Object.keys(allowedImports).flatMap((home) =>
    readdirSync(join(root, home), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !/(^|[\\/])(node_modules|dist)[\\/]/.test(path))
      .map((path) => {
        const full = join(root, home, path)
        return { path: relative(root, full).split(sep).join('/'), text: readFileSync(full, 'utf8') }
      }),
  )
}

/** The entry points of a package of this repository: `.` and the subpaths its package.json exports. */
export function packageEntries(root: string, name: string): string[] {
  const folder = ['hack', 'operator', 'worker', 'kubectl-plugin', 'e2e'].includes(name) ? name : `packages/${name}`
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { exports?: unknown }
  if (typeof manifest.exports === 'string') return ['.']
  return typeof manifest.exports === 'object' && manifest.exports !== null ? Object.keys(manifest.exports) : []
}
