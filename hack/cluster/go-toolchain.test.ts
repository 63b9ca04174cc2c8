import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { goCommand } from './go-toolchain.ts'

const place = { folder: '/cache/work', platform: 'darwin', arch: 'arm64', uid: 501, gid: 20 } as const

test('the compiler of this machine is called without detours', () => {
  expect(goCommand({ kind: 'go', command: 'go' }, ['build', '.'], place)).toEqual({
    command: 'go',
    args: ['build', '.'],
    env: { CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '' },
  })
})

test('the compiler of an image builds for this machine, as the user of this machine', () => {
  expect(goCommand({ kind: 'docker', image: 'golang:1.26' }, ['build', '.'], place)).toEqual({
    command: 'docker',
    args: [
      'run',
      '--rm',
      '--user=501:20',
      '--volume=/cache/work:/cache/work',
      '--workdir=/cache/work',
      '--env=CGO_ENABLED=0',
      '--env=GOWORK=off',
      '--env=GOFLAGS=',
      '--env=GOOS=darwin',
      '--env=GOARCH=arm64',
      '--env=GOCACHE=/tmp/go-build',
      '--env=GOMODCACHE=/tmp/go-modules',
      'golang:1.26',
      'go',
      'build',
      '.',
    ],
    env: {},
  })
})

test('an image on a PC with Linux builds for amd64, from the module proxy of this machine', () => {
  const pc = { ...place, platform: 'linux', arch: 'x64', proxy: 'https://proxy.example' } as const
  const { args } = goCommand({ kind: 'docker', image: 'golang:1.26' }, ['build'], pc)
  expect(args).toEqual(expect.arrayContaining(['--env=GOOS=linux', '--env=GOARCH=amd64']))
  expect(args).toContain('--env=GOPROXY=https://proxy.example')
})

test('the image has the Go that the module asks for', () => {
  const module = readFileSync(join(import.meta.dirname, 'multicall', 'go.mod'), 'utf8')
  const [, wanted] = /^go (\d+\.\d+)/m.exec(module) ?? []
  const source = readFileSync(join(import.meta.dirname, 'go-toolchain.ts'), 'utf8')
  expect(source).toContain(`'golang:${wanted}'`)
})
