import { expect, test } from 'vitest'
import { isLocalEngine, type KindFacts, kindObstacle } from './kind-obstacle.ts'

const able: KindFacts = { docker: 'local', kind: true, go: true, kubectl: true, platform: 'linux' }
const noKind = 'there is neither kind 0.30 or newer nor Go to install it with'

test.each<[Partial<KindFacts>, string | undefined]>([
  [{}, undefined],
  [{ go: false }, undefined],
  [{ kind: false }, undefined],
  [{ kubectl: false }, undefined],
  [{ platform: 'darwin' }, undefined],
  [{ docker: 'none' }, 'no Docker engine answers'],
  [{ docker: 'none', kind: false, go: false }, 'no Docker engine answers'],
  [{ docker: 'remote' }, 'the Docker engine is that of another machine'],
  [{ kind: false, go: false }, noKind],
  [{ platform: 'darwin', kubectl: false }, 'kubectl is not on the search path'],
])('a machine that differs by %j: %s', (difference, expected) => {
  expect(kindObstacle({ ...able, ...difference })).toBe(expected)
})

test.each([
  ['unix:///var/run/docker.sock', true],
  ['npipe:////./pipe/docker_engine', true],
  ['tcp://10.0.0.7:2376', false],
  ['ssh://me@host', false],
])('the engine at %s is of this machine: %s', (address, expected) => {
  expect(isLocalEngine(address)).toBe(expected)
})
