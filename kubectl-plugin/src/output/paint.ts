import type { CommandIO } from '../command-io.ts'

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, cyan: 36 } as const
export type Colour = keyof typeof codes

export type Paint = (colour: Colour, text: string) => string

/** Colours text on a terminal; leaves it plain elsewhere and where NO_COLOR is set (https://no-color.org). */
export function paintFor(io: CommandIO): Paint {
  const plain = !io.interactive.stdout || Boolean(io.env['NO_COLOR']) || io.env['TERM'] === 'dumb'
  return (colour, text) => (plain ? text : `\u001b[${codes[colour]}m${text}\u001b[0m`)
}

/**
 * Text from elsewhere made harmless for a terminal: control characters, and those that turn the direction of what follows, become
 * visible.
 */
export function harmless(text: string): string {
  return text.replaceAll(/\r?\n/g, ' ').replaceAll(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, '�')
}
