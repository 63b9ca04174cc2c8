import nodeModule from 'node:module'

// Not there before Node.js 22.8, and the plugin runs from 20 on; so by way of the default export.
nodeModule.enableCompileCache?.()

const { runCli } = await import('./cli.ts')

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => interrupted.abort(new Error(`stopped by ${signal}`)))
}
// Whoever reads our output may stop reading (`| head`): that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

process.exitCode = await runCli(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  interactive: { stdin: process.stdin.isTTY === true, stdout: process.stdout.isTTY === true },
  env: process.env,
  width: process.stdout.columns ?? 100,
  now: () => new Date(),
  signal: interrupted.signal,
})
// An open standard input or a kept-alive connection must not hold back the shell's prompt.
process.stdin.pause()
process.stdin.unref?.()
