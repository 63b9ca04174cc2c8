import { spawn } from 'node:child_process'

export interface Kubectl {
  /** Standard output of the command. Throws with what kubectl said when it fails or `timeoutMs` is over. */
  run(args: readonly string[], options?: { readonly input?: string; readonly timeoutMs?: number }): Promise<string>
  json<Answer>(args: readonly string[]): Promise<Answer>
  /** Server-side apply of objects. */
  apply(objects: readonly object[]): Promise<string>
  /** Objects as they change, until `signal` ends. */
  watch<Answer>(args: readonly string[], signal: AbortSignal): AsyncGenerator<Answer>
}

/** kubectl, with a kubeconfig of its own. */
export function createKubectl(path: string, kubeconfigPath: string): Kubectl {
  const env = { ...process.env, KUBECONFIG: kubeconfigPath }

  function run(args: readonly string[], { input, timeoutMs = 120_000 }: { input?: string; timeoutMs?: number } = {}) {
    return new Promise<string>((resolve, reject) => {
      const child = spawn(path, args, { env, timeout: timeoutMs, stdio: ['pipe', 'pipe', 'pipe'] })
      let output = ''
      let complaint = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        complaint += text
      })
      child.once('error', reject)
      child.once('close', (code) => {
        if (code === 0) resolve(output)
        else reject(new Error(`kubectl ${args.join(' ')}: ${complaint.trim() || `ended with ${code ?? 'a signal'}`}`))
      })
      child.stdin.on('error', () => {}).end(input ?? '')
    })
  }

  return {
    run: (args, options) => run(args, options),
    async json<Answer>(args: readonly string[]) {
      return JSON.parse(await run([...args, '-o', 'json'])) as Answer
    },
    apply(objects) {
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
      return run(['apply', '--server-side', '--force-conflicts', '--field-manager=amx-quickstart', '-f', '-'], {
        input: list,
      })
    },
    async *watch<Answer>(args: readonly string[], signal: AbortSignal) {
      const child = spawn(path, [...args, '--watch', '-o', 'json'], {
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
        signal,
      })
      child.on('error', () => {})
      let pending = ''
      try {
        for await (const chunk of child.stdout.setEncoding('utf8') as AsyncIterable<string>) {
          pending += chunk
          // kubectl prints whole objects, indented: only the last line of one is a lone bracket at the margin.
          for (let end = pending.indexOf('\n}\n'); end !== -1; end = pending.indexOf('\n}\n')) {
            yield JSON.parse(pending.slice(0, end + 2)) as Answer
            pending = pending.slice(end + 3)
          }
        }
      } finally {
        child.kill()
      }
    },
  }
}
