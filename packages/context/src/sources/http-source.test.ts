import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { defaultContextLimits } from '../context-limits.ts'
import { readSource } from '../testing/read-source.ts'
import { openSource } from './open-source.ts'

const signal = AbortSignal.timeout(20_000)
const servers: Server[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const spec = (...urls: string[]) => ({ kind: 'Documents' as const, http: { urls } })

describe('a list of pages', () => {
  it('reads them with paths that say where they are and what they hold', async () => {
    const host = await serve((request, response) => {
      response.setHeader('content-type', request.url === '/handbook/' ? 'text/html; charset=utf-8' : 'text/plain')
      response.end(`page ${request.url}`)
    })
    const { texts } = await readSource(spec(`http://${host}/handbook/`, `http://${host}/terms.csv`), { signal })
    expect(texts).toEqual({
      [`${host}/handbook/index.html`]: 'page /handbook/',
      [`${host}/terms.csv`]: 'page /terms.csv',
    })
  })

  it('knows by the ETag that nothing changed, without the body', async () => {
    const methods: (string | undefined)[] = []
    let etag = '"1"'
    const host = await serve((request, response) => {
      methods.push(request.method)
      response.setHeader('etag', etag)
      response.end('text')
    })
    const open = () => openSource(spec(`http://${host}/a.md`), { directory: null, secrets: {}, signal })
    const first = (await open()).revision
    expect((await open()).revision).toBe(first)
    etag = '"2"'
    expect((await open()).revision).not.toBe(first)
    expect(methods).toEqual(['HEAD', 'HEAD', 'HEAD'])
  })

  it('goes by the body where the server says nothing of its state', async () => {
    let body = 'one'
    const host = await serve((_, response) => response.end(body))
    const first = await readSource(spec(`http://${host}/a.md`), { signal })
    body = 'two'
    const second = await readSource(spec(`http://${host}/a.md`), { signal })
    expect(second.revision).not.toBe(first.revision)
    expect(Object.values(second.texts)).toEqual(['two'])
  })

  it('skips a page that is gone or too large, and fails when none is left', async () => {
    const host = await serve((request, response) => {
      if (request.url === '/gone.md') response.statusCode = 404
      response.end(request.url === '/large.md' ? 'x'.repeat(5_000) : 'text')
    })
    const limits = { ...defaultContextLimits, fileBytes: 1_000 }
    const urls = ['gone.md', 'large.md', 'good.md'].map((name) => `http://${host}/${name}`)
    const { texts, reasons } = await readSource(spec(...urls), { signal, limits })
    expect(Object.keys(texts)).toEqual([`${host}/good.md`])
    expect(reasons[`${host}/gone.md`]).toContain('HTTP 404')
    expect(reasons[`${host}/large.md`]).toContain('1000 bytes')
    await expect(readSource(spec(`http://${host}/gone.md`), { signal })).rejects.toMatchObject({ code: 'AMX-5003' })
  })

  it('signs in, and keeps the token from the host it is redirected to', async () => {
    const seen: Record<string, string | undefined> = {}
    const other = await serve((request, response) => {
      seen['other'] = request.headers.authorization ?? 'none'
      response.end('moved')
    })
    const host = await serve((request, response) => {
      seen['first'] = request.headers.authorization
      response.writeHead(302, { location: `http://${other}/new.md` }).end()
    })
    await readSource(spec(`http://${host}/a.md`), { signal, secrets: { token: 't0ken' } })
    expect(seen).toEqual({ first: 'Bearer t0ken', other: 'none' })
  })

  it('says who refused the sign-in, and never follows to where a cloud keeps its credentials', async () => {
    const closed = await serve((_, response) => response.writeHead(403).end())
    await expect(readSource(spec(`http://${closed}/a.md`), { signal })).rejects.toMatchObject({ code: 'AMX-5002' })
    const sly = await serve((_, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
    )
    await expect(readSource(spec(`http://${sly}/a.md`), { signal })).rejects.toMatchObject({
      code: 'AMX-5001',
      message: expect.stringContaining('link-local'),
    })
    const round = await serve((_, response) => response.writeHead(302, { location: '/a.md' }).end())
    await expect(readSource(spec(`http://${round}/a.md`), { signal })).rejects.toMatchObject({
      message: expect.stringContaining('redirects'),
    })
  })
})
