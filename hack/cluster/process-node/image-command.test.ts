import { expect, test } from 'vitest'
import { imageCommand, imageName } from './image-command.ts'

test.each([
  ['amx.dev/worker', 'amx.dev/worker'],
  ['amx.dev/worker:dev', 'amx.dev/worker'],
  ['localhost:5000/worker', 'localhost:5000/worker'],
  ['localhost:5000/worker:1.2', 'localhost:5000/worker'],
  ['amx.dev/worker:1@sha256:abc', 'amx.dev/worker'],
])('the name of %s is %s', (reference, name) => {
  expect(imageName(reference)).toBe(name)
})

test('a command stands for an image whatever its tag', () => {
  const images = { 'amx.dev/worker:dev': ['node', 'worker.ts'] }
  expect(imageCommand(images, 'amx.dev/worker:1.0')).toEqual(['node', 'worker.ts'])
  expect(imageCommand(images, 'amx.dev/other:dev')).toBeUndefined()
})
