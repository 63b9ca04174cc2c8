import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkoutDir } from './cluster/folders.ts'

interface LockedPackage {
  version?: string
  optionalDependencies?: Record<string, string>
}

// `npm install` leaves out of the lock what its registry does not have, such as the builds of a tool for other platforms.
// `npm ci` then refuses the lock as a whole, also where those builds are not needed.
test('the lock names the builds of every tool for every platform, so that npm ci takes it anywhere', () => {
  const lock = JSON.parse(readFileSync(join(checkoutDir, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>
  }
  const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies).flatMap(([name, version]) => {
      const places = [`${path}/node_modules/${name}`, `node_modules/${name}`]
      return places.some((place) => lock.packages[place]?.version) ? [] : [`${name}@${version}, which ${path} names`]
    }),
  )
  expect(missing).toEqual([])
})
