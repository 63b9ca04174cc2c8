import { expect, test } from 'vitest'
import { jsonLines } from './json-lines.ts'

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function valuesOf(text: string, size: number): Promise<unknown[]> {
  const values: unknown[] = []
  for await (const value of jsonLines(inPieces(text, size))) values.push(value)
  return values
}

test.each([1, 2, 3, 7, 1000])(
  'pieces of %i bytes give the same values, characters cut in two included',
  async (size) => {
    const text = '{"name":"größe"}\n\n{"name":"数据"}\r\n[1]'
    expect(await valuesOf(text, size)).toEqual([{ name: 'größe' }, { name: '数据' }, [1]])
  },
)

test('a line that was cut off is an error, after the whole ones before it', async () => {
  const seen: unknown[] = []
  const reading = (async () => {
    for await (const value of jsonLines(inPieces('{"a":1}\n{"a":', 4))) seen.push(value)
  })()
  await expect(reading).rejects.toThrow(SyntaxError)
  expect(seen).toEqual([{ a: 1 }])
})
