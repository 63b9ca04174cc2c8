import { createHash } from 'node:crypto'
import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'

const programs = [
  'packages/*/src/**/*',
  'operator/src/**/*',
  'dashboard/server/src/**/*',
  'worker/src/**/*',
  'hack/cluster/kind/Dockerfile*',
  'package-lock.json',
]

/** A digest that changes when the text of the server, the operator or the worker does. Looks at times and sizes only. */
export function programDigest(checkout: string): string {
  const hash = createHash('sha256')
  for (const path of globSync(programs, { cwd: checkout }).sort()) {
    const stat = statSync(join(checkout, path))
    if (stat.isFile()) hash.update(`${path}\0${stat.size}\0${stat.mtimeMs}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}
