import type { LogLine } from '@amx/api'
import { type Colour, harmless, type Paint } from '../../output/paint.ts'

const colours: Readonly<Record<string, Colour>> = {
  warn: 'yellow',
  error: 'red',
  fatal: 'red',
  debug: 'dim',
  trace: 'dim',
}

/** A line as a person reads it: time, level, stage, message, facts as `name=value`. */
export function logLineText({ time, level, stage, message, facts }: LogLine, paint: Paint): string {
  const colour = colours[level]
  const word = harmless(level.toUpperCase()).padEnd(5)
  const head = [harmless(time), colour === undefined ? word : paint(colour, word), harmless(stage).padEnd(7)]
  return [...head, harmless(message), paint('dim', factsText(facts))].join('  ').trimEnd()
}

function factsText(facts: unknown): string {
  if (typeof facts !== 'object' || facts === null) return ''
  return Object.entries(facts)
    .map(([name, value]) => `${harmless(name)}=${harmless(typeof value === 'string' ? value : JSON.stringify(value))}`)
    .join(' ')
}
