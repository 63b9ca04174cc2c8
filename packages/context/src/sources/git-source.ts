import * as fs from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AmxError, type ContextSourceSpec } from '@amx/api'
import git, { Errors, type GitHttpRequest, type GitHttpResponse, type ServerRef } from 'isomorphic-git'
import { sayBytes } from '../context-limits.ts'
import { guardedFetch, sayAddress } from './guarded-fetch.ts'
import type { OpenedSource, SkippedFile, SourceContext, SourceFile } from './open-source.ts'
import { createPathFilter } from './path-filter.ts'
import { type ListedFile, selectFiles, tooLarge } from './select-files.ts'

type GitSpec = NonNullable<ContextSourceSpec['git']>

const deepest = 64

/** Opens a repository at its ref. The revision is the commit, known before anything is fetched; the fetch is of that commit alone. */
export async function openGit(spec: GitSpec, context: SourceContext): Promise<OpenedSource> {
  if (!/^https?:/.test(spec.url)) {
    const problem = 'repositories are read over https:// or http://; ssh:// and git:// are not supported'
    throw new AmxError('AMX-5006', { source: spec.url, problem })
  }
  const remote = createRemote(spec, context)
  const revision = await remote.resolve()
  let folder: string | null = null
  return {
    revision,
    async files(signal) {
      folder ??= await mkdtemp(join(context.scratchDirectory ?? tmpdir(), 'amx-git-'))
      await remote.fetch(folder, revision, signal)
      const listed = await list(folder, revision, spec, { ...context, signal })
      const selection = selectFiles(remote.name, listed.files, context)
      return { files: selection.files, skipped: [...listed.skipped, ...selection.skipped] }
    },
    async close() {
      if (folder !== null) await rm(folder, { recursive: true, force: true })
    },
  }
}

function createRemote(spec: GitSpec, context: SourceContext) {
  const name = sayAddress(spec.url)
  const { limits, secrets } = context
  let received = 0
  let refused = false
  // Kept here because the library wraps what the body throws.
  let overLimit: AmxError | null = null

  const http = (signal: AbortSignal) => ({
    async request({ url, method, headers, body }: GitHttpRequest): Promise<GitHttpResponse> {
      const response = await guardedFetch({
        url,
        method: method === 'POST' ? 'POST' : 'GET',
        headers: headers ?? {},
        ...(body === undefined ? {} : { body: await collect(body) }),
        timeoutMs: limits.requestTimeoutMs * 5,
        signal,
      })
      return {
        url: response.url,
        statusCode: response.status,
        statusMessage: response.statusText,
        headers: Object.fromEntries(response.headers),
        body: countedBody(response),
      }
    },
  })

  async function* countedBody(response: Response): AsyncIterableIterator<Uint8Array> {
    for await (const part of response.body ?? []) {
      received += part.byteLength
      if (received > limits.packBytes) {
        const limit = sayBytes(limits.packBytes)
        overLimit = new AmxError('AMX-5004', { source: name, size: `more than ${limit} to fetch`, limit })
        throw overLimit
      }
      yield part
    }
  }

  const auth = {
    onAuth: () =>
      secrets['token'] === undefined && secrets['username'] === undefined ? { cancel: true } : credentialsOf(secrets),
    onAuthFailure: () => {
      refused = true
      return { cancel: true }
    },
  }

  async function told<Answer>(work: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      throw overLimit ?? failureOf(error, name, refused)
    }
  }

  return {
    name,
    /** The commit of the ref, by one request. */
    async resolve(): Promise<string> {
      if (spec.ref !== undefined && /^[0-9a-f]{40}$/.test(spec.ref)) return spec.ref
      const refs = await told(
        () => git.listServerRefs({ http: http(context.signal), url: spec.url, peelTags: true, ...auth }),
        context.signal,
      )
      const oid = commitOf(refs, spec.ref ?? 'HEAD')
      if (oid !== null) return oid
      const detail = refs.length === 0 ? 'the repository is empty' : `it has no branch or tag "${spec.ref ?? 'HEAD'}"`
      throw new AmxError('AMX-5003', { source: name, detail })
    },
    async fetch(folder: string, oid: string, signal: AbortSignal): Promise<void> {
      const ref = spec.ref !== undefined && spec.ref !== oid ? spec.ref : undefined
      const options = { fs, http: http(signal), dir: folder, gitdir: folder, url: spec.url, tags: false, ...auth }
      await git.init({ fs, dir: folder, gitdir: folder, bare: true })
      await git.addRemote({ fs, gitdir: folder, remote: 'origin', url: spec.url })
      // The commit by its own name, so that a push in between changes nothing; servers that refuse it get the ref's name.
      await git
        .fetch({ ...options, ref: oid, remoteRef: oid, depth: 1, singleBranch: true })
        .catch(async (error: unknown) => {
          if (overLimit !== null || signal.aborted) throw overLimit ?? error
          const fallback = ref === undefined ? { singleBranch: false } : { ref, depth: 1, singleBranch: true }
          await told(() => git.fetch({ ...options, ...fallback }), signal)
        })
      await git.readCommit({ fs, gitdir: folder, oid }).catch((error: unknown) => {
        throw new AmxError('AMX-5003', { source: name, detail: `it has no commit ${oid}` }, { cause: error })
      })
    },
  }
}

function credentialsOf(secrets: Readonly<Record<string, string>>) {
  const token = secrets['token']
  // Hosts differ in the name they want beside a token; all of them take it as the password.
  if (token !== undefined) return { username: secrets['username'] ?? 'x-access-token', password: token }
  return { username: secrets['username'] ?? '', password: secrets['password'] ?? '' }
}

/** The commit a name stands for among the refs of a server, the way Git looks names up; null when there is none. */
function commitOf(refs: readonly ServerRef[], name: string): string | null {
  for (const full of [name, `refs/${name}`, `refs/tags/${name}`, `refs/heads/${name}`]) {
    const found = refs.find(({ ref }) => ref === full)
    if (found !== undefined) return found.peeled ?? found.oid
  }
  return null
}

async function list(folder: string, commit: string, spec: GitSpec, context: SourceContext) {
  const cache = {}
  const files: ListedFile[] = []
  const skipped: SkippedFile[] = []
  const filter = createPathFilter(context.spec)
  const root = (spec.path ?? '')
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')
  const { tree } = await git
    .readTree({ fs, gitdir: folder, oid: commit, ...(root === '' ? {} : { filepath: root }), cache })
    .catch((error: unknown) => {
      throw new AmxError(
        'AMX-5003',
        { source: sayAddress(spec.url), detail: `it has no folder "${root}"` },
        { cause: error },
      )
    })

  async function visit(entries: typeof tree, prefix: string, depth: number): Promise<void> {
    context.signal.throwIfAborted()
    for (const entry of entries) {
      const path = `${prefix}${entry.path}`
      if (entry.type === 'tree') {
        if (depth < deepest) {
          await visit((await git.readTree({ fs, gitdir: folder, oid: entry.oid, cache })).tree, `${path}/`, depth + 1)
        } else skipped.push({ path, reason: `its folder is deeper than ${deepest}` })
      } else if (entry.type === 'commit') skipped.push({ path, reason: 'it is a submodule' })
      else if (entry.mode === '120000') skipped.push({ path, reason: 'it is a symbolic link' })
      else files.push({ path, sizeBytes: null, read: readBlob(path, entry.oid) })
    }
  }

  function readBlob(path: string, oid: string): SourceFile['read'] {
    return async (signal) => {
      signal.throwIfAborted()
      const { blob } = await git.readBlob({ fs, gitdir: folder, oid, cache })
      if (blob.byteLength > context.limits.fileBytes) {
        return { path, reason: tooLarge(blob.byteLength, context.limits.fileBytes) }
      }
      return Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength)
    }
  }

  await visit(tree, root === '' ? '' : `${root}/`, 0)
  return { files, skipped: skipped.filter(({ path }) => filter.selects(path)) }
}

function failureOf(error: unknown, source: string, refused: boolean): AmxError {
  if (error instanceof AmxError) return error
  const status = error instanceof Errors.HttpError ? error.data.statusCode : undefined
  const detail = error instanceof Error ? error.message : String(error)
  if (refused || status === 401 || status === 403 || error instanceof Errors.UserCanceledError) {
    const reason =
      refused || status === 403
        ? 'the credentials were not accepted'
        : 'it asks for credentials and the source has none'
    return new AmxError('AMX-5002', { source, detail: reason }, { cause: error })
  }
  if (status === 404 || error instanceof Errors.NotFoundError)
    return new AmxError('AMX-5003', { source, detail }, { cause: error })
  return new AmxError('AMX-5001', { source, detail }, { cause: error })
}

async function collect(body: AsyncIterableIterator<Uint8Array> | readonly Uint8Array[]): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const part of body) parts.push(part)
  return Buffer.concat(parts)
}
