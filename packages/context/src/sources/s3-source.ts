import { createHash } from 'node:crypto'
import { AmxError, type ContextSourceSpec } from '@amx/api'
import { GetObjectCommand, ListObjectsV2Command, S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import { sayBytes } from '../context-limits.ts'
import type { OpenedSource, SkippedFile, SourceContext } from './open-source.ts'
import { type ListedFile, selectFiles } from './select-files.ts'

type S3Spec = NonNullable<ContextSourceSpec['s3']>

interface ListedObject extends ListedFile {
  readonly etag: string
}

/** Objects listed before the prefix is said to be too wide. */
const mostListed = 200_000

/** Opens a bucket, or the keys of it below a prefix. The revision is a digest over keys, ETags and sizes of what is selected. */
export async function openBucket(spec: S3Spec, context: SourceContext): Promise<OpenedSource> {
  const { accessKeyId, secretAccessKey, sessionToken } = context.secrets
  const client = new S3Client({
    region: spec.region ?? 'us-east-1',
    ...(spec.endpoint === undefined ? {} : { endpoint: spec.endpoint, forcePathStyle: true }),
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? // Given, so that the library does not look for the machine's own.
        { signer: { sign: async (request) => request }, credentials: { accessKeyId: 'none', secretAccessKey: 'none' } }
      : { credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) } }),
    requestHandler: { requestTimeout: context.limits.requestTimeoutMs, connectionTimeout: 10_000 },
    maxAttempts: 4,
  })
  const name = `bucket "${spec.bucket}"`
  try {
    const listed = await list(client, spec, name, context)
    const selection = selectFiles(name, listed, context)
    const hash = createHash('sha256')
    for (const { path, etag, sizeBytes } of selection.files) hash.update(`${path}\0${etag}\0${sizeBytes}\0`)
    return {
      revision: `sha256:${hash.digest('hex')}`,
      files: async () => selection,
      close: async () => client.destroy(),
    }
  } catch (error) {
    client.destroy()
    throw error
  }
}

async function list(client: S3Client, spec: S3Spec, name: string, context: SourceContext): Promise<ListedObject[]> {
  const objects: ListedObject[] = []
  let token: string | undefined
  do {
    const page = await client
      .send(
        new ListObjectsV2Command({
          Bucket: spec.bucket,
          ...(spec.prefix === undefined ? {} : { Prefix: spec.prefix }),
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
        { abortSignal: context.signal },
      )
      .catch((error: unknown) => {
        throw failureOf(error, name, context.signal)
      })
    for (const { Key: key, ETag: etag, Size: size } of page.Contents ?? []) {
      if (key === undefined || key.endsWith('/')) continue
      objects.push({
        path: key,
        etag: etag ?? '',
        sizeBytes: size ?? null,
        read: (signal) => read(client, spec, key, { ...context, signal }),
      })
    }
    if (objects.length > mostListed) {
      throw new AmxError('AMX-5004', { source: name, size: `more than ${mostListed} objects`, limit: `${mostListed}` })
    }
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined
  } while (token !== undefined)
  return objects
}

async function read(
  client: S3Client,
  spec: S3Spec,
  key: string,
  context: SourceContext,
): Promise<Buffer | SkippedFile> {
  try {
    const { Body: body } = await client.send(new GetObjectCommand({ Bucket: spec.bucket, Key: key }), {
      abortSignal: context.signal,
    })
    if (body === undefined) return Buffer.alloc(0)
    const parts: Uint8Array[] = []
    let size = 0
    for await (const part of body.transformToWebStream()) {
      size += part.byteLength
      if (size > context.limits.fileBytes) {
        return { path: key, reason: `it has more than ${sayBytes(context.limits.fileBytes)}` }
      }
      parts.push(part)
    }
    return Buffer.concat(parts)
  } catch (error) {
    const failure = failureOf(error, `object "${key}" of bucket "${spec.bucket}"`, context.signal)
    // One object that is archived, forbidden or gone since it was listed leaves the others readable.
    if (failure.code === 'AMX-5001' && !(error instanceof S3ServiceException)) throw failure
    return { path: key, reason: failure.message }
  }
}

function failureOf(error: unknown, source: string, signal: AbortSignal): AmxError {
  signal.throwIfAborted()
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined
  if (status === 401 || status === 403) return new AmxError('AMX-5002', { source, detail }, { cause: error })
  if (status === 404) return new AmxError('AMX-5003', { source, detail }, { cause: error })
  return new AmxError('AMX-5001', { source, detail }, { cause: error })
}
