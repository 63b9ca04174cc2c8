const text = { type: 'string' } as const

function closed(properties: Record<string, object>) {
  return { type: 'object', additionalProperties: false, required: Object.keys(properties), properties }
}

const alternatives = {
  type: 'array',
  items: closed({ text, confidence: { type: 'string', enum: ['high', 'medium', 'low'] } }),
}
const citations = { type: 'array', items: closed({ excerpt: text, quote: text }) }
const from = { type: 'array', items: { type: 'string', enum: ['profile', 'documents', 'code'] } }

function replyOf(grounds: Record<string, object>) {
  const asset = { alternatives, reasoning: text, ...grounds }
  return closed({ table: closed(asset), columns: { type: 'array', items: closed({ name: text, ...asset }) } })
}

/** The strict JSON Schema of an agent's reply; the same for every batch, so that providers prepare it once. */
export const agentSchema = replyOf({ citations })

/** The strict JSON Schema of a merged reply. */
export const mergeSchema = replyOf({ from })
