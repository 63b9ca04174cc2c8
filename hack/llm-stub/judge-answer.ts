import { textHash } from './seeded-random.ts'

/**
 * The verdicts on the numbered texts of a judge's prompt, as JSON; null for another prompt. The same text gets the same verdict
 * wherever it stands: two to four statements supported, none or one vague, and one in eight contradicted.
 */
export function judgeAnswer(prompt: string): string | null {
  const block = /<texts>\n([\s\S]*?)\n<\/texts>/.exec(prompt)?.[1]
  if (block === undefined) return null
  const verdicts = [...block.matchAll(/^(\d+)\. (.*)$/gm)].map(([, number, text = '']) => {
    const hash = textHash(text)
    return {
      text: Number(number),
      supported: 2 + (hash % 3),
      contradicted: hash % 8 === 0 ? 1 : 0,
      vague: (hash >>> 4) % 2,
    }
  })
  return verdicts.length === 0 ? null : JSON.stringify({ verdicts })
}
