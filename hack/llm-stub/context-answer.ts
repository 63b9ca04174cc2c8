import type { Asked } from './chat-request.ts'
import type { AnsweredAlternative, AnsweredAsset, DraftedAnswer } from './drafted-answer.ts'

interface ShownExcerpt {
  readonly id: string
  readonly lines: readonly string[]
}

/**
 * The answer of an agent that reads excerpts: for every asset the first line that names it, as description and quotation; none
 * where no excerpt does.
 */
export function agentAnswer(asked: Asked, prompt: string): DraftedAnswer {
  const excerpts = excerptsOf(prompt)
  const answered = (name: string): AnsweredAsset => {
    for (const { id, lines } of excerpts) {
      const line = lines.find((candidate) => names(candidate, name))
      if (line === undefined) continue
      const quote = line.trim().slice(0, 200)
      const said = quote.replace(/^[#>*\-\s]+/, '').replace(/[.\s]+$/, '')
      const texts = [`${said}.`, `According to ${asked.agent}: ${said}.`]
      return {
        alternatives: texts
          .slice(0, asked.alternatives)
          .map((text, index): AnsweredAlternative => ({ text, confidence: index === 0 ? 'high' : 'medium' })),
        reasoning: `Excerpt ${id} says so.`,
        citations: [{ excerpt: id, quote }],
      }
    }
    return { alternatives: [], reasoning: '', citations: [] }
  }
  return answerOf(asked, answered)
}

/** The answer of a merge: what all candidates say in one text, then each candidate alone. */
export function mergeAnswer(asked: Asked, prompt: string): DraftedAnswer {
  const block = /<candidates>\n([\s\S]*?)\n<\/candidates>/.exec(prompt)?.[1] ?? ''
  const candidates = new Map<string, { source: string; text: string }[]>()
  let current: { source: string; text: string }[] = []
  for (const line of block.split('\n')) {
    const head = /^(column|table) (.+)$/.exec(line)
    if (head !== null) {
      current = []
      candidates.set(head[1] === 'table' ? asked.table : (head[2] ?? ''), current)
    }
    const [, source, quoted] = /^ {2}(profile|documents|code) \(\w+\): (".*")$/.exec(line) ?? []
    if (source !== undefined && quoted !== undefined) current.push({ source, text: JSON.parse(quoted) })
  }
  return answerOf(asked, (name) => {
    const given = candidates.get(name) ?? []
    const from = [...new Set(given.map(({ source }) => source))]
    const firsts = from.map((source) => given.find((candidate) => candidate.source === source)?.text ?? '')
    const texts = [...new Set([firsts.toReversed().join(' '), ...given.map(({ text }) => text)])]
    return {
      alternatives: texts
        .slice(0, asked.alternatives)
        .map((text, index): AnsweredAlternative => ({ text, confidence: index === 0 ? 'high' : 'medium' })),
      reasoning: `Joined from ${from.join(' and ')}.`,
      from,
    }
  })
}

function answerOf(asked: Asked, answered: (name: string) => AnsweredAsset): DraftedAnswer {
  const none: AnsweredAsset = { alternatives: [], reasoning: '', citations: [] }
  const lastName = asked.table.split('.').at(-1) ?? asked.table
  const table = asked.wantTable ? answered(asked.agent === 'merge' ? asked.table : lastName) : none
  return { table, columns: asked.columns.map((name) => ({ name, ...answered(name) })) }
}

function excerptsOf(prompt: string): ShownExcerpt[] {
  const block = /<excerpts>\n([\s\S]*?)\n<\/excerpts>/.exec(prompt)?.[1] ?? ''
  return block.split(/\n\n(?=excerpt )/).flatMap((part) => {
    const [head = '', ...lines] = part.split('\n')
    const id = /^excerpt ([A-Z]\d+) /.exec(head)?.[1]
    return id === undefined ? [] : [{ id, lines: lines.map((line) => line.replace(/^\| ?/, '')) }]
  })
}

/** Whether a line holds the name as written, or all of its words. */
function names(line: string, name: string): boolean {
  const lower = line.toLowerCase()
  const words = name
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[_\s.]+/)
  return (
    line.trim().length > name.length + 4 &&
    (lower.includes(name.toLowerCase()) || words.every((word) => lower.includes(word)))
  )
}
