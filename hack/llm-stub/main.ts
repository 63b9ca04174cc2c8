import { parseArgs } from 'node:util'
import { type LlmStubOptions, startLlmStub } from './start-llm-stub.ts'

const usage = `usage: node hack/run.mjs hack/llm-stub/main.ts [options]

  --port <n>            port of 127.0.0.1 (default: a free one)
  --latency-ms <n>      time to the first byte of an answer
  --api-key <key>       ask for this key
  --settings <json>     any other setting, for example '{"faults": [{"kind": "rate-limit", "every": 10}]}'

The first line printed is JSON: {"url": …, "controlUrl": …}.
Control: GET calls, GET settings, POST configure, POST reset, below controlUrl.`

function parsedOptions(): LlmStubOptions {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      'latency-ms': { type: 'string' },
      'api-key': { type: 'string' },
      settings: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    process.stdout.write(`${usage}\n`)
    process.exit(0)
  }
  return {
    ...(values.settings === undefined ? {} : (JSON.parse(values.settings) as LlmStubOptions)),
    ...(values.port === undefined ? {} : { port: Number(values.port) }),
    ...(values['latency-ms'] === undefined ? {} : { latencyMs: Number(values['latency-ms']) }),
    ...(values['api-key'] === undefined ? {} : { apiKey: values['api-key'] }),
  }
}

try {
  const stub = await startLlmStub(parsedOptions())
  process.stdout.write(`${JSON.stringify({ url: stub.url, controlUrl: stub.controlUrl })}\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stub.stop())
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n\n${usage}\n`)
  process.exitCode = 2
}
