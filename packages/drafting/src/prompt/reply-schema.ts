const text = { type: 'string' } as const

function closed(properties: Record<string, object>) {
  return { type: 'object', additionalProperties: false, required: Object.keys(properties), properties }
}

const columns = {
  type: 'array',
  items: closed({
    name: text,
    alternatives: {
      type: 'array',
      items: closed({ text, confidence: { type: 'string', enum: ['high', 'medium', 'low'] } }),
    },
    reasoning: text,
    citations: { type: 'array', items: text },
  }),
}

const table = closed({ alternatives: { type: 'array', items: text }, reasoning: text })

/**
 * The strict JSON Schema of a reply. The same for every batch with, and every batch without a table: providers prepare a
 * schema when they first see it, so names of columns do not belong in it.
 */
export const replySchemas = {
  withTable: closed({ table, columns }),
  columnsOnly: closed({ columns }),
} as const
