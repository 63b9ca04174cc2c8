import { afterEach, describe, expect, it } from 'vitest'
import { defaultContextLimits } from '../context-limits.ts'
import { readSource } from '../testing/read-source.ts'
import { type S3Server, startS3Server } from '../testing/s3-server.ts'

const signal = AbortSignal.timeout(60_000)
const secrets = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' }
let server: S3Server

afterEach(() => server.close())

describe('an S3 source', () => {
  it('lists all pages below its prefix and reads what the globs select', async () => {
    const objects = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [`docs/${name}.md`, `text ${name}`]))
    server = await startS3Server({
      bucket: 'handbook',
      objects: { ...objects, 'other/x.md': 'x', 'docs/sub/': '' },
      accessKeyId: 'AKIAEXAMPLE',
      region: 'eu-west-1',
    })
    const s3 = { bucket: 'handbook', prefix: 'docs/', endpoint: server.endpoint, region: 'eu-west-1' }
    const { texts, revision } = await readSource({ kind: 'Documents', s3, exclude: ['**/b.md'] }, { secrets, signal })
    expect(texts).toEqual({
      'docs/a.md': 'text a',
      'docs/c.md': 'text c',
      'docs/d.md': 'text d',
      'docs/e.md': 'text e',
    })
    expect(server.requests.filter((request) => request.includes('list-type=2'))).toHaveLength(3)

    server.objects.set('docs/b.md', Buffer.from('not selected'))
    const again = { kind: 'Documents' as const, s3, exclude: ['**/b.md'] }
    expect((await readSource(again, { secrets, signal })).revision).toBe(revision)
    server.objects.set('docs/a.md', Buffer.from('changed'))
    expect((await readSource(again, { secrets, signal })).revision).not.toBe(revision)
  })

  it('reads a public bucket without signing', async () => {
    server = await startS3Server({ bucket: 'open', objects: { 'a.txt': 'a' } })
    const spec = { kind: 'Documents' as const, s3: { bucket: 'open', endpoint: server.endpoint } }
    expect((await readSource(spec, { signal })).texts).toEqual({ 'a.txt': 'a' })
  })

  it('skips an object that cannot be read, or is too large, with the reason', async () => {
    server = await startS3Server({ bucket: 'b', objects: { 'a.md': 'ARCHIVED', 'b.md': 'x'.repeat(500), 'c.md': 'c' } })
    const spec = { kind: 'Documents' as const, s3: { bucket: 'b', endpoint: server.endpoint } }
    const limits = { ...defaultContextLimits, fileBytes: 100 }
    const { texts, reasons } = await readSource(spec, { signal, limits })
    expect(texts).toEqual({ 'c.md': 'c' })
    expect(reasons['a.md']).toContain('InvalidObjectState')
    expect(reasons['b.md']).toContain('500 bytes')
  })

  it('says which bucket is missing or refuses the key', async () => {
    server = await startS3Server({ bucket: 'b', objects: {}, accessKeyId: 'AKIAOTHER' })
    const s3 = { bucket: 'b', endpoint: server.endpoint }
    await expect(readSource({ kind: 'Documents', s3 }, { secrets, signal })).rejects.toMatchObject({
      code: 'AMX-5002',
      message: expect.stringContaining('bucket "b"'),
    })
    const missing = { kind: 'Documents' as const, s3: { ...s3, bucket: 'nothing' } }
    const owner = { ...secrets, accessKeyId: 'AKIAOTHER' }
    await expect(readSource(missing, { secrets: owner, signal })).rejects.toMatchObject({ code: 'AMX-5003' })
  })
})
