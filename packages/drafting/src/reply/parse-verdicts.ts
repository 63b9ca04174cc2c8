import type { Verdict } from '../confidence/judge-signal.ts'

/** Reads a judge's reply: verdicts by the number of the text. What is no verdict is left out; empty when the reply is none. */
export function parseVerdicts(content: string): Map<number, Verdict> {
  const verdicts = new Map<number, Verdict>()
  for (const entry of listOf(parsed(content))) {
    if (typeof entry !== 'object' || entry === null) continue
    const { text, supported, contradicted, vague }: Record<string, unknown> = { ...entry }
    const number = typeof text === 'string' ? Number(text) : text
    if (isCount(number) && isCount(supported) && isCount(contradicted) && isCount(vague))
      verdicts.set(number, { supported, contradicted, vague })
  }
  return verdicts
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  const listed = typeof value === 'object' && value !== null && 'verdicts' in value ? value.verdicts : null
  return Array.isArray(listed) ? listed : []
}

/** The reply as JSON, or what stands between its first and last brace: a fence or a sentence may stand around it. */
function parsed(content: string): unknown {
  for (const candidate of [content, content.slice(content.indexOf('{'), content.lastIndexOf('}') + 1)]) {
    try {
      return JSON.parse(candidate)
    } catch {}
  }
  return null
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
