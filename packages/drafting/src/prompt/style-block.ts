import type { StyleExample } from '@amx/api'
import { quotedData } from '../evidence/quoted-data.ts'

/** Comments that show the tone and form to match, as a block of the prompt: data like everything else from a database. */
export function styleBlock(examples: readonly StyleExample[]): string {
  const lines = examples.map(({ kind, text }) => `${kind.toLowerCase()}: ${quotedData(text, 800)}`)
  return `<style>\n${lines.join('\n')}\n</style>`
}
