import { expect, test } from 'vitest'
import { MissingReferenceError } from './container-environment.ts'
import { ProgramStartError, UnknownImageError } from './container-launch.ts'
import { creationFailure } from './creation-failure.ts'
import { KubeApiError } from './kube-api.ts'

const tryAgain = { reason: 'CreateContainerError', retryAfterMs: 1_000 }

test.each([
  ['an unknown image', new UnknownImageError('x', []), { reason: 'ErrImageNeverPull' }],
  ['a missing secret', new MissingReferenceError('secret "x" not found'), { reason: 'CreateContainerConfigError' }],
  ['a refusal of the API server', new KubeApiError(500, '', 'broken'), tryAgain],
  ['a broken connection', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }), tryAgain],
  ['a program that cannot be started', new ProgramStartError('spawn /no ENOENT'), undefined],
])('%s', (_, error, expected) => {
  expect(creationFailure(error)).toEqual(expected)
})
