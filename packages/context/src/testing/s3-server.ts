import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A strict fake of S3: ListObjectsV2 in pages of two and GetObject, path style, as the API reference documents them. */
export interface S3Server {
  readonly endpoint: string
  readonly requests: string[]
  readonly objects: Map<string, Buffer>
  close(): Promise<void>
}

/** Starts a bucket. With `accessKeyId`, requests without a Signature Version 4 of that key are refused. */
export async function startS3Server(options: {
  readonly bucket: string
  readonly objects: Readonly<Record<string, string>>
  readonly accessKeyId?: string
  readonly region?: string
}): Promise<S3Server> {
  const objects = new Map(Object.entries(options.objects).map(([key, text]) => [key, Buffer.from(text)]))
  const requests: string[] = []

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://localhost')
    requests.push(`${request.method} ${request.url}`)
    const scope = `/${options.region ?? 'us-east-1'}/s3/aws4_request`
    const authorization = request.headers.authorization ?? ''
    const signed =
      authorization.startsWith(`AWS4-HMAC-SHA256 Credential=${options.accessKeyId}/`) &&
      authorization.includes(scope) &&
      /Signature=[0-9a-f]{64}$/.test(authorization) &&
      request.headers['x-amz-date'] !== undefined
    if (options.accessKeyId === undefined ? authorization !== '' : !signed) {
      fail(response, 403, 'AccessDenied')
      return
    }
    const [, bucket, ...rest] = decodeURIComponent(url.pathname).split('/')
    if (bucket !== options.bucket) {
      fail(response, 404, 'NoSuchBucket')
      return
    }
    const key = rest.join('/')
    if (key === '') {
      list(url, response)
      return
    }
    const object = objects.get(key)
    if (object === undefined) {
      fail(response, 404, 'NoSuchKey')
      return
    }
    if (object.toString() === 'ARCHIVED') {
      fail(response, 403, 'InvalidObjectState')
      return
    }
    response.writeHead(200, { etag: etagOf(object), 'content-length': object.length }).end(object)
  }

  function list(url: URL, response: ServerResponse): void {
    if (url.searchParams.get('list-type') !== '2') {
      fail(response, 400, 'InvalidArgument')
      return
    }
    const prefix = url.searchParams.get('prefix') ?? ''
    const after = url.searchParams.get('continuation-token') ?? ''
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort()
    const page = keys.slice(0, 2)
    const truncated = keys.length > page.length
    const contents = page.map((key) => {
      const object = objects.get(key) ?? Buffer.alloc(0)
      return `<Contents><Key>${key}</Key><ETag>${etagOf(object)}</ETag><Size>${object.length}</Size></Contents>`
    })
    const next = truncated ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
    response
      .writeHead(200, { 'content-type': 'application/xml' })
      .end(
        `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>${options.bucket}</Name><IsTruncated>${truncated}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
      )
  }

  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    objects,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function etagOf(object: Buffer): string {
  return `"${object.length}-${object.toString('hex').slice(0, 16)}"`
}

function fail(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`)
}
