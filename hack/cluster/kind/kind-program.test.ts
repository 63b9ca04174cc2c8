import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findKind, findOnPath, goOf, installKindCommand, isRecentKind, kindVersion } from './kind-program.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'amx-kind-program-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function program(path: string, output: string): string {
  const whole = join(folder, path)
  mkdirSync(join(whole, '..'), { recursive: true })
  writeFileSync(whole, `#!/bin/sh\necho '${output}'\n`)
  chmodSync(whole, 0o755)
  return whole
}

test.each([
  ['kind v0.33.0 go1.26.8 linux/amd64', true],
  ['kind v0.30.0 go1.24.6 darwin/arm64\n', true],
  ['kind v0.40.0-alpha+abc go1.27 linux/amd64', true],
  ['kind v1.0.0 go1.30 linux/amd64', true],
  ['kind v0.29.0 go1.24.2 linux/amd64', false],
  ['kind v0.9.0 go1.15 linux/amd64', false],
  ['', false],
  ['something else', false],
])('%j is recent enough: %s', (text, expected) => {
  expect(isRecentKind(text)).toBe(expected)
})

test('the version that is installed is recent enough itself', () => {
  expect(isRecentKind(`kind v${kindVersion} go1.26.8 linux/amd64`)).toBe(true)
})

test('a program is found in the first folder of the search path that has it', () => {
  program('two/kind', '')
  const first = program('one/kind', '')
  mkdirSync(join(folder, 'zero', 'kind'), { recursive: true })
  writeFileSync(join(folder, 'kind'), 'no program')
  const env = { PATH: ['', 'zero', '.', 'one', 'two'].map((name) => name && join(folder, name)).join(':') }
  expect(findOnPath('kind', env)).toBe(first)
  expect(findOnPath('kinder', env)).toBeUndefined()
  expect(findOnPath('kind', {})).toBeUndefined()
})

test.each([
  ['a recent one on the search path', { path: 'kind v0.33.0 go1.26 linux/amd64', cached: true }, 'path/kind'],
  ['the cached one in place of an old one', { path: 'kind v0.11.1 go1.16 linux/amd64', cached: true }, 'cached'],
  ['the cached one in place of none', { path: undefined, cached: true }, 'cached'],
  ['none in place of an old one', { path: 'kind v0.11.1 go1.16 linux/amd64', cached: false }, undefined],
  ['none', { path: undefined, cached: false }, undefined],
])('kind is found: %s', async (_, { path, cached }, expected) => {
  if (path !== undefined) program('path/kind', path)
  const inCache = `cache/amx/kind/${kindVersion}/kind`
  if (cached) program(inCache, `kind v${kindVersion}`)
  const found = await findKind({ PATH: join(folder, 'path'), XDG_CACHE_HOME: join(folder, 'cache') })
  const place = expected === 'cached' ? inCache : expected
  expect(found).toBe(place === undefined ? undefined : join(folder, place))
})

test('kind is installed for this machine into the folder named, whatever the settings of Go', () => {
  expect(installKindCommand('/usr/local/go/bin/go', '/cache/kind')).toEqual({
    command: '/usr/local/go/bin/go',
    args: ['install', `sigs.k8s.io/kind@v${kindVersion}`],
    env: { GOBIN: '/cache/kind', GOWORK: 'off', GOFLAGS: '', GOOS: '', GOARCH: '', CGO_ENABLED: '0' },
  })
})

test('only the Go of this machine counts', () => {
  expect(goOf({ kind: 'go', command: 'go' })).toBe('go')
  expect(goOf({ kind: 'docker', image: 'golang:1' })).toBeUndefined()
  expect(goOf(undefined)).toBeUndefined()
})
