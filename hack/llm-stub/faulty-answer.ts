import { type DraftedAnswer, labelledText } from './drafted-answer.ts'
import type { FaultRule } from './stub-options.ts'

/** The text of a reply and how the model says it ended. */
export interface ReplyText {
  content: string | null
  refusal: string | null
  finishReason: 'stop' | 'length' | 'content_filter'
}

function alteredAnswer(answer: DraftedAnswer, rule: FaultRule): DraftedAnswer {
  const { columns } = answer
  if (rule.kind === 'missing-columns') return { ...answer, columns: columns.slice(rule.count ?? 1) }
  if (rule.kind === 'unknown-columns') {
    return { ...answer, columns: columns.map((column) => ({ ...column, name: `${column.name}_unknown` })) }
  }
  if (rule.kind === 'too-few-alternatives') {
    const given = rule.count ?? 1
    const table = answer.table
      ? { ...answer.table, alternatives: answer.table.alternatives.slice(0, given) }
      : answer.table
    const fewer = columns.map((column) => ({ ...column, alternatives: column.alternatives.slice(0, given) }))
    return { ...(table === undefined ? {} : { table }), columns: fewer }
  }
  if (rule.kind === 'duplicates') {
    // The same text in other case and spacing, as models do.
    const same = columns.map((column) => ({
      ...column,
      alternatives: column.alternatives.map((alternative, index) => {
        const text = column.alternatives[0]?.text ?? alternative.text
        return { ...alternative, text: index % 2 === 0 ? text : `  ${text.toUpperCase().replaceAll(' ', '  ')}` }
      }),
    }))
    return { ...answer, columns: same }
  }
  return answer
}

/** The reply's text for an answer, spoilt as the rule says; without a rule it is the answer as JSON. */
export function replyText(answer: DraftedAnswer, rule: FaultRule | undefined): ReplyText {
  const json = JSON.stringify(rule === undefined ? answer : alteredAnswer(answer, rule))
  const good: ReplyText = { content: json, refusal: null, finishReason: 'stop' }
  switch (rule?.kind) {
    case 'truncated':
      return { ...good, content: json.slice(0, Math.ceil(json.length * 0.6)), finishReason: 'length' }
    case 'empty-for-length':
      return { ...good, content: '', finishReason: 'length' }
    case 'empty-content':
      return { ...good, content: '' }
    case 'malformed-json':
      return { ...good, content: json.replace('"columns":', '"columns" ') }
    case 'prose':
      return {
        ...good,
        content: rule.message ?? 'I looked at the table. Most of its columns are easy to understand from their names.',
      }
    case 'labelled-text':
      return { ...good, content: labelledText(answer) }
    case 'fenced-json':
      return {
        ...good,
        content: `Here are the descriptions.\n\n\`\`\`json\n${JSON.stringify(answer, null, 2)}\n\`\`\`\n\nTell me if more is needed.`,
      }
    case 'refusal':
      return {
        content: null,
        refusal: rule.message ?? "I'm sorry, but I can't help with that request.",
        finishReason: 'stop',
      }
    case 'content-filter':
      return { ...good, content: '', finishReason: 'content_filter' }
    default:
      return good
  }
}
