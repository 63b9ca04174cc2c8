import { afterEach, describe, expect, it } from 'vitest'
import { defaultContextLimits } from '../context-limits.ts'
import { type GitServer, startGitServer } from '../testing/git-server.ts'
import { readSource } from '../testing/read-source.ts'
import { type OpenSourceOptions, openSource } from './open-source.ts'

const signal = AbortSignal.timeout(60_000)
let server: GitServer

afterEach(async () => {
  await server.close()
})

function read(
  git: { ref?: string; path?: string; url?: string },
  options: Partial<OpenSourceOptions> & { include?: string[]; exclude?: string[] } = {},
) {
  const { include, exclude, ...rest } = options
  const globs = { ...(include === undefined ? {} : { include }), ...(exclude === undefined ? {} : { exclude }) }
  return readSource({ kind: 'Documents', git: { url: server.url, ...git }, ...globs }, { signal, ...rest })
}

describe('a Git source', () => {
  it('reads the head of the default branch, with the commit as revision', async () => {
    server = await startGitServer()
    server.commit({ 'README.md': 'old' })
    const commit = server.commit({
      'README.md': '# Handbook',
      'docs/claims/status.md': 'open or settled',
      'a.py': 'x = 1',
    })
    const { revision, texts } = await read({})
    expect(revision).toBe(commit)
    expect(texts).toEqual({ 'README.md': '# Handbook', 'a.py': 'x = 1', 'docs/claims/status.md': 'open or settled' })
  })

  it('reads a branch, a tag with a message and a commit', async () => {
    server = await startGitServer()
    const first = server.commit({ 'a.md': 'one' })
    server.git('tag', '-a', 'v1', '-m', 'First')
    server.git('checkout', '-q', '-b', 'feature/next')
    const second = server.commit({ 'a.md': 'two' })
    server.git('checkout', '-q', 'main')
    server.commit({ 'a.md': 'three' })
    await expect(read({ ref: 'v1' })).resolves.toMatchObject({ revision: first, texts: { 'a.md': 'one' } })
    await expect(read({ ref: 'feature/next' })).resolves.toMatchObject({ revision: second, texts: { 'a.md': 'two' } })
    await expect(read({ ref: first })).resolves.toMatchObject({ revision: first, texts: { 'a.md': 'one' } })
  })

  it('reads a commit by name from a server that hands out refs only', async () => {
    server = await startGitServer()
    const first = server.commit({ 'a.md': 'one' })
    server.commit({ 'a.md': 'two' })
    server.git('config', 'uploadpack.allowReachableSHA1InWant', 'false')
    await expect(read({ ref: first })).resolves.toMatchObject({ revision: first, texts: { 'a.md': 'one' } })
  })

  it('knows the revision by one look at the refs, without fetching', async () => {
    server = await startGitServer()
    const commit = server.commit({ 'a.md': 'one' })
    const source = await openSource(
      { kind: 'Documents', git: { url: server.url } },
      { directory: null, secrets: {}, signal },
    )
    expect(source.revision).toBe(commit)
    await source.close()
    expect(server.requests.some((request) => request.startsWith('POST') && server.requests.length > 2)).toBe(false)
  })

  it('keeps to its folder and to the globs', async () => {
    server = await startGitServer()
    server.commit({
      'docs/a.md': 'a',
      'docs/b.txt': 'b',
      'docs/old/c.md': 'c',
      'other/d.md': 'd',
      'node_modules/x/e.md': 'e',
    })
    const { texts } = await read({ path: '/docs/' }, { include: ['**/*.md'], exclude: ['**/old/**'] })
    expect(Object.keys(texts)).toEqual(['docs/a.md'])
    await expect(read({ path: 'nowhere' })).rejects.toMatchObject({ code: 'AMX-5003' })
  })

  it('signs in with the password of the Secret, or a token, and says when it is refused', async () => {
    server = await startGitServer({ password: 's3cret' })
    server.commit({ 'a.md': 'one' })
    await expect(read({}, { secrets: { username: 'reader', password: 's3cret' } })).resolves.toMatchObject({
      texts: { 'a.md': 'one' },
    })
    await expect(read({}, { secrets: { username: 'reader', token: 's3cret' } })).resolves.toMatchObject({
      texts: { 'a.md': 'one' },
    })
    await expect(read({}, { secrets: { username: 'reader', password: 'no' } })).rejects.toMatchObject({
      code: 'AMX-5002',
      message: expect.stringContaining('not accepted'),
    })
    await expect(read({})).rejects.toMatchObject({ code: 'AMX-5002', message: expect.stringContaining('has none') })
  })

  it('leaves out links, submodules, pictures and large files, each with its reason', async () => {
    server = await startGitServer()
    server.git('update-index', '--add', '--cacheinfo', `120000,${linkTo('/etc/passwd')},docs/link.md`)
    server.git('commit', '-q', '-m', 'Link')
    server.git('checkout', '-q', '-f', 'main')
    server.commit({ 'large.md': 'x'.repeat(3000), 'logo.png': 'png', 'a.md': 'a' })
    const { texts, reasons } = await read({}, { limits: { ...defaultContextLimits, fileBytes: 2000 } })
    expect(Object.keys(texts)).toEqual(['a.md'])
    expect(reasons).toEqual({
      'docs/link.md': 'it is a symbolic link',
      'large.md': 'it has 2.9 KiB; files above 2.0 KiB are not read',
      'logo.png': 'files of type .png are not read',
    })
  })

  it('stops fetching beyond its limits', async () => {
    server = await startGitServer()
    server.commit({ 'a.md': 'one', 'b.md': 'two' })
    await expect(read({}, { limits: { ...defaultContextLimits, packBytes: 100 } })).rejects.toMatchObject({
      code: 'AMX-5004',
    })
    await expect(read({}, { limits: { ...defaultContextLimits, files: 1 } })).rejects.toMatchObject({
      code: 'AMX-5004',
    })
  })

  it('names what is wrong with the address', async () => {
    server = await startGitServer()
    server.commit({ 'a.md': 'one' })
    await expect(read({ ref: 'no-such-branch' })).rejects.toMatchObject({ code: 'AMX-5003' })
    await expect(read({ ref: 'f'.repeat(40) })).rejects.toMatchObject({ code: 'AMX-5003' })
    await expect(read({ url: server.url.replace('handbook', 'nothing') })).rejects.toMatchObject({ code: 'AMX-5003' })
    await expect(read({ url: 'http://127.0.0.1:1/x.git' })).rejects.toMatchObject({ code: 'AMX-5001' })
    await expect(read({ url: 'ssh://git@example.com/x.git' })).rejects.toMatchObject({ code: 'AMX-5006' })
    await expect(read({ url: 'http://169.254.169.254/x.git' })).rejects.toMatchObject({
      code: 'AMX-5001',
      message: expect.stringContaining('link-local'),
    })
  })
})

/** The name of a blob that holds the target, as the tree entry of a symbolic link has it. */
function linkTo(target: string): string {
  server.commit({ 'target.tmp': target })
  const hash = server.git('rev-parse', 'HEAD:target.tmp')
  server.git('rm', '-q', 'target.tmp')
  return hash
}
