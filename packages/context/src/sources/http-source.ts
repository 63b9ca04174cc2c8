import { createHash } from 'node:crypto'
import { AmxError, type ContextSourceSpec } from '@amx/api'
import { sayBytes } from '../context-limits.ts'
import { guardedFetch, readBody, sayAddress } from './guarded-fetch.ts'
import type { OpenedSource, SkippedFile, SourceContext } from './open-source.ts'
import { type ListedFile, selectFiles, tooLarge } from './select-files.ts'

type HttpSpec = NonNullable<ContextSourceSpec['http']>

interface Page {
  readonly url: string
  readonly path: string
  /** What the server says of its state, or null: then the body was read. */
  readonly validator: string | null
  /** Read already, or why it cannot be. */
  readonly content: Buffer | SkippedFile | null
}

const pagesAtOnce = 4
// By the type where the address has no ending that says it.
const endings = new Map([
  ['text/html', '.html'],
  ['application/xhtml+xml', '.html'],
  ['text/markdown', '.md'],
  ['text/csv', '.csv'],
  ['application/pdf', '.pdf'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', '.docx'],
])

/**
 * Opens a list of pages. Where the server tells a page's ETag or Last-Modified, an unchanged page is known without its body;
 * the revision is a digest over those, or over the bodies. A page that is gone is skipped; when all are, AMX-5003.
 */
export async function openPages(spec: HttpSpec, context: SourceContext): Promise<OpenedSource> {
  const headers = authorizationOf(context.secrets)
  const urls = [...new Set(spec.urls)]
  const pages: Page[] = new Array<Page>(urls.length)
  const failures: AmxError[] = []
  const queue = [...urls.entries()]
  await Promise.all(
    Array.from({ length: Math.min(pagesAtOnce, urls.length) }, async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const [index, url] = next
        pages[index] = await look(url, headers, context).catch((error: unknown) => {
          if (!(error instanceof AmxError) || error.code === 'AMX-5002' || context.signal.aborted) throw error
          failures.push(error)
          const path = pathOf(url, null)
          return { url, path, validator: null, content: { path, reason: error.message } }
        })
      }
    }),
  )
  const [failure] = failures
  if (failure !== undefined && failures.length === urls.length) throw failure

  const hash = createHash('sha256')
  for (const { path, validator, content } of pages) {
    hash.update(`${path}\0${validator ?? ''}\0`)
    if (Buffer.isBuffer(content)) hash.update(createHash('sha256').update(content).digest())
  }
  return {
    revision: `sha256:${hash.digest('hex')}`,
    async files() {
      const listed: ListedFile[] = pages.map(({ url, path, content }) => ({
        path,
        sizeBytes: Buffer.isBuffer(content) ? content.length : null,
        read: async (signal) => content ?? (await fetchPage(url, headers, { ...context, signal })).content,
      }))
      return selectFiles('the list of pages', listed, context)
    },
    close: async () => {},
  }
}

async function look(url: string, headers: Record<string, string>, context: SourceContext): Promise<Page> {
  const head = await guardedFetch({
    url,
    method: 'HEAD',
    headers,
    timeoutMs: context.limits.requestTimeoutMs,
    signal: context.signal,
  })
  await head.body?.cancel()
  const validator = head.ok ? (head.headers.get('etag') ?? head.headers.get('last-modified')) : null
  if (validator !== null) return { url, path: pathOf(url, head.headers.get('content-type')), validator, content: null }
  const { path, content } = await fetchPage(url, headers, context)
  return { url, path, validator: null, content }
}

async function fetchPage(url: string, headers: Record<string, string>, context: SourceContext) {
  const { fileBytes, requestTimeoutMs } = context.limits
  const response = await guardedFetch({
    url,
    method: 'GET',
    headers,
    timeoutMs: requestTimeoutMs,
    signal: context.signal,
  })
  const path = pathOf(url, response.headers.get('content-type'))
  if (!response.ok) {
    await response.body?.cancel()
    throw failureOf(url, response.status)
  }
  const declared = Number(response.headers.get('content-length') ?? 0)
  const body = declared > fileBytes ? null : await readBody(response, fileBytes, context.signal)
  if (body !== null) return { path, content: body }
  await response.body?.cancel().catch(() => undefined)
  const reason = declared > 0 ? tooLarge(declared, fileBytes) : `it has more than ${sayBytes(fileBytes)}`
  return { path, content: { path, reason } }
}

function failureOf(url: string, status: number): AmxError {
  const source = sayAddress(url)
  if (status === 401 || status === 403) return new AmxError('AMX-5002', { source, detail: `HTTP ${status}` })
  if (status === 404 || status === 410) return new AmxError('AMX-5003', { source, detail: `HTTP ${status}` })
  return new AmxError('AMX-5001', { source, detail: `HTTP ${status}` })
}

function authorizationOf(secrets: Readonly<Record<string, string>>): Record<string, string> {
  if (secrets['token'] !== undefined) return { authorization: `Bearer ${secrets['token']}` }
  if (secrets['username'] === undefined) return {}
  const pair = `${secrets['username']}:${secrets['password'] ?? ''}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** The address without its scheme, with an ending that says the format. */
function pathOf(url: string, contentType: string | null): string {
  const { host, pathname, search } = new URL(url)
  const query = search === '' ? '' : `?${createHash('sha256').update(search).digest('hex').slice(0, 8)}`
  const path = `${host}${safeDecode(pathname)}`.replace(/\/$/, '/index')
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (/\.[a-z0-9]{1,8}$/i.test(name) && query === '') return path
  const ending = endings.get(contentType?.split(';')[0]?.trim().toLowerCase() ?? '') ?? ''
  return `${path}${query}${name.toLowerCase().endsWith(ending) ? '' : ending}`
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
