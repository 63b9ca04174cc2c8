import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defaultContextLimits } from '../context-limits.ts'
import { readSource } from '../testing/read-source.ts'

const signal = AbortSignal.timeout(20_000)
let outside: string
let directory: string

beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), 'amx-context-'))
  directory = join(outside, 'mount')
  mkdirSync(directory)
})

afterEach(() => rmSync(outside, { recursive: true }))

const configMap = { kind: 'Documents' as const, configMap: { name: 'terms' } }
const volume = (path?: string) => ({
  kind: 'Documents' as const,
  volume: { claimName: 'docs', ...(path === undefined ? {} : { path }) },
})

describe('a mounted ConfigMap', () => {
  // The kubelet's layout: keys are links to ..data, which is a link to the folder of this version.
  function mountConfigMap(keys: Record<string, string>): void {
    const version = join(directory, '..2026_01_01')
    mkdirSync(version)
    for (const [key, text] of Object.entries(keys)) {
      writeFileSync(join(version, key), text)
      symlinkSync(join('..data', key), join(directory, key))
    }
    symlinkSync('..2026_01_01', join(directory, '..data'))
  }

  it('gives each key as a document, once', async () => {
    mountConfigMap({ 'terms.csv': 'term,definition', 'claims.md': '# Claims' })
    const { texts } = await readSource(configMap, { directory, signal })
    expect(texts).toEqual({ 'claims.md': '# Claims', 'terms.csv': 'term,definition' })
  })

  it('has a revision that changes with names and contents alone', async () => {
    mountConfigMap({ 'a.md': 'one' })
    const first = await readSource(configMap, { directory, signal })
    expect((await readSource(configMap, { directory, signal })).revision).toBe(first.revision)
    writeFileSync(join(directory, '..2026_01_01', 'a.md'), 'two')
    expect((await readSource(configMap, { directory, signal })).revision).not.toBe(first.revision)
  })
})

describe('a volume', () => {
  it('reads its folder and never leaves the mount', async () => {
    mkdirSync(join(directory, 'docs', 'deep'), { recursive: true })
    writeFileSync(join(outside, 'secret.md'), 'secret')
    writeFileSync(join(directory, 'docs', 'deep', 'a.md'), 'a')
    writeFileSync(join(directory, 'b.md'), 'b')
    symlinkSync(join(outside, 'secret.md'), join(directory, 'docs', 'out.md'))
    symlinkSync(outside, join(directory, 'docs', 'folder.md'))
    symlinkSync(join(directory, 'b.md'), join(directory, 'docs', 'inside.md'))
    const { texts, reasons } = await readSource(volume('docs'), { directory, signal })
    expect(texts).toEqual({ 'deep/a.md': 'a', 'inside.md': 'b' })
    expect(reasons).toEqual({
      'folder.md': 'it is a symbolic link that leads out of the source',
      'out.md': 'it is a symbolic link that leads out of the source',
    })
    await expect(readSource(volume('..'), { directory, signal })).rejects.toMatchObject({ code: 'AMX-5003' })
    await expect(readSource(volume('docs/folder.md'), { directory, signal })).rejects.toMatchObject({
      code: 'AMX-5003',
    })
    await expect(readSource(volume('missing'), { directory, signal })).rejects.toMatchObject({ code: 'AMX-5003' })
  })

  it('is refused with the field named when a glob is none, and beyond its limits', async () => {
    writeFileSync(join(directory, 'a.md'), 'a'.repeat(200))
    writeFileSync(join(directory, 'b.md'), 'b'.repeat(200))
    await expect(readSource({ ...volume(), include: ['docs/[a-'] }, { directory, signal })).rejects.toMatchObject({
      code: 'AMX-1001',
      message: expect.stringContaining('spec.include'),
    })
    const limits = { ...defaultContextLimits, totalBytes: 300 }
    await expect(readSource(volume(), { directory, signal, limits })).rejects.toMatchObject({ code: 'AMX-5004' })
    await expect(readSource(volume(), { directory: null, signal })).rejects.toMatchObject({ code: 'AMX-5003' })
  })
})
