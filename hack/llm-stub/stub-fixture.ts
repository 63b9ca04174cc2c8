import { type LlmStubOptions, startLlmStub } from './start-llm-stub.ts'

interface AskedFor {
  table?: string
  columns?: string[]
  alternatives?: number
  wantTable?: boolean
  [member: string]: unknown
}

const text = { type: 'string' } as const

/** The schema a drafter asks with, closed as strict mode wants it. */
export const draftSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['table', 'columns'],
  properties: {
    table: {
      type: ['object', 'null'],
      additionalProperties: false,
      required: ['alternatives', 'reasoning'],
      properties: { alternatives: { type: 'array', items: text }, reasoning: text },
    },
    columns: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'alternatives', 'reasoning', 'citations'],
        properties: {
          name: text,
          alternatives: {
            type: 'array',
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['text', 'confidence'],
              properties: { text, confidence: { type: 'string', enum: ['high', 'medium', 'low'] } },
            },
          },
          reasoning: text,
          citations: { type: 'array', items: text },
        },
      },
    },
  },
} as const

export const strictFormat = {
  type: 'json_schema' as const,
  json_schema: { name: 'descriptions', strict: true, schema: draftSchema },
}

/** The user message of a draft request. */
export function draftPrompt(asked: AskedFor = {}): string {
  const {
    table = 'sales.customer',
    columns = ['c_first_name', 'x_legacy_status'],
    alternatives = 3,
    wantTable = true,
  } = asked
  return `Describe as JSON.\n<request>${JSON.stringify({ table, columns, alternatives, wantTable })}</request>`
}

/** The body of a draft request; members given replace the usual ones. */
export function draftBody(asked: AskedFor = {}, members: Record<string, unknown> = {}): Record<string, unknown> {
  const messages = [
    { role: 'system', content: 'You describe columns.' },
    { role: 'user', content: draftPrompt(asked) },
  ]
  return { model: 'gpt-4o-mini', messages, response_format: strictFormat, ...members }
}

/** A stub that ends with the test, and a plain POST to it. */
export async function stubForTest(options: LlmStubOptions = {}) {
  const stub = await startLlmStub(options)
  return {
    stub,
    post: (body: Record<string, unknown>, init: RequestInit = {}) =>
      fetch(`${stub.url}/chat/completions`, { method: 'POST', body: JSON.stringify(body), ...init }),
    [Symbol.asyncDispose]: () => stub.stop(),
  }
}

/** The members the tests read of the stub's bodies. */
export interface WireBody {
  error: { message: string; type: string; param: string | null; code: string | null }
  choices: [{ finish_reason: string; message: { content: string } }]
  usage: { completion_tokens: number }
  calls: unknown[]
}

/** The body of a reply of the stub. */
export async function bodyOf(response: Response): Promise<WireBody> {
  return (await response.json()) as WireBody
}
