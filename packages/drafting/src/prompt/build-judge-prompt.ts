import { plainData, quotedData } from '../evidence/quoted-data.ts'
import type { PromptMessage } from './build-prompt.ts'
import * as template from './templates/judge-v1.ts'

/** A text to be judged, by the number it has in the prompt. */
export interface NumberedText {
  readonly number: number
  /** Name of the column, or path of the table. */
  readonly asset: string
  readonly text: string
}

// Without a minimum: not every route takes one in a schema.
const count = { type: 'integer' } as const

const verdict = {
  type: 'object',
  additionalProperties: false,
  required: ['text', 'supported', 'contradicted', 'vague'],
  properties: { text: { type: 'integer' }, supported: count, contradicted: count, vague: count },
} as const

/** The strict JSON Schema of a judge's reply. */
export const judgeSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['verdicts'],
  properties: { verdicts: { type: 'array', items: verdict } },
} as const

/** The messages of a judge's call: the evidence the texts were written from, then the texts in the order of their numbers. */
export function buildJudgePrompt(evidence: readonly string[], texts: readonly NumberedText[]): PromptMessage[] {
  const lines = texts.map(({ number, asset, text }) => `${number}. ${plainData(asset)}: ${quotedData(text, 4_000)}`)
  return [
    { role: 'system', content: [template.role, template.rubric, template.dataRule, template.answerRule].join('\n\n') },
    {
      role: 'user',
      content: `<evidence>\n${evidence.join('\n\n')}\n</evidence>\n\n<texts>\n${lines.join('\n')}\n</texts>\n\nJudge the ${texts.length === 1 ? 'text' : `${texts.length} texts`}.`,
    },
  ]
}
