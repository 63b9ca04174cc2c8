import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A real Git repository behind `git http-backend`. */
export interface GitServer {
  readonly url: string
  /** Requests so far, as method and path. */
  readonly requests: string[]
  /** Writes files and commits them; gives the commit. */
  commit(files: Readonly<Record<string, string | Buffer>>): string
  /** Runs git in the work tree. */
  git(...args: string[]): string
  close(): Promise<void>
}

/** Starts a repository `team/handbook.git`; with `password`, only the user `reader` with it may read. */
export async function startGitServer(options: { readonly password?: string } = {}): Promise<GitServer> {
  const folder = mkdtempSync(join(tmpdir(), 'amx-git-server-'))
  const tree = join(folder, 'team', 'handbook')
  mkdirSync(tree, { recursive: true })
  const environment = {
    ...process.env,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_AUTHOR_NAME: 'Author',
    GIT_AUTHOR_EMAIL: 'author@example.com',
    GIT_COMMITTER_NAME: 'Author',
    GIT_COMMITTER_EMAIL: 'author@example.com',
  }
  const git = (...args: string[]) => execFileSync('git', args, { cwd: tree, env: environment, encoding: 'utf8' }).trim()
  git('init', '-q', '-b', 'main')
  git('config', 'uploadpack.allowReachableSHA1InWant', 'true')
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    const expected = `Basic ${Buffer.from(`reader:${options.password}`).toString('base64')}`
    if (options.password !== undefined && request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
      return
    }
    serve(folder, request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/team/handbook/.git`,
    requests,
    git,
    commit(files) {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(tree, path)), { recursive: true })
        writeFileSync(join(tree, path), content)
      }
      git('add', '-A')
      git('commit', '-q', '-m', 'Change')
      return git('rev-parse', 'HEAD')
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(folder, { recursive: true })
    },
  }
}

/** The Common Gateway Interface of `git http-backend`: headers, an empty line, the body. */
function serve(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: 'reader',
      REMOTE_ADDR: '127.0.0.1',
    },
  })
  request.pipe(backend.stdin)
  const parts: Buffer[] = []
  backend.stdout.on('data', (part: Buffer) => parts.push(part))
  backend.on('close', () => {
    const output = Buffer.concat(parts)
    const end = output.indexOf('\r\n\r\n')
    const headers = output.subarray(0, Math.max(0, end)).toString('latin1').split('\r\n')
    const status = headers.find((line) => line.startsWith('Status:'))
    response.statusCode = status === undefined ? (end < 0 ? 500 : 200) : Number(status.slice(7, 12))
    for (const line of headers) {
      const colon = line.indexOf(':')
      if (colon > 0 && !line.startsWith('Status:'))
        response.setHeader(line.slice(0, colon), line.slice(colon + 1).trim())
    }
    response.end(output.subarray(end + 4))
  })
}
