import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { expect } from 'vitest'

const checkout = resolve(import.meta.dirname, '..')

/** What a person typed and saw, as a page of the documentation that a test holds against what happens. */
export interface Transcript {
  /** A heading, and what follows in plain words. */
  chapter(title: string, words: string): void
  /** A command line with what it printed, and keys pressed in between where there were any. */
  shown(command: string, output: string): void
  /** Holds the page in the repository against what was shown; writes it where `UPDATE_TRANSCRIPT` is set. */
  compare(path: string, introduction: string): void
}

export function createTranscript(): Transcript {
  const parts: string[] = []
  return {
    chapter(title, words) {
      parts.push(`## ${title}\n\n${words}`)
    },
    shown(command, output) {
      parts.push(`\`\`\`console\n$ ${steady(command)}\n${steady(output)}\n\`\`\``)
    },
    compare(path, introduction) {
      const file = resolve(checkout, path)
      const page = `${introduction}\n\n${parts.join('\n\n')}\n`
      if (process.env['UPDATE_TRANSCRIPT']) {
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, page)
      }
      expect(page, `${relative(checkout, file)}: UPDATE_TRANSCRIPT=1 writes it anew`).toBe(readFileSync(file, 'utf8'))
    },
  }
}

/** Output without what differs from run to run: times, made-up names, the order of what happens at once. */
export function steady(output: string): string {
  const lines = output
    .replaceAll('\r', '')
    .replaceAll(/-\d{8}-\d{6}-\d{3}/g, '-20261121-080000-000')
    .replaceAll(/(reviewdecision\.amx\.dev\/[a-z0-9-]+)-[a-z0-9]{5}\b/g, '$1-4f7kq')
    .replaceAll(/\b\d+\.\d s\b/g, '0.1 s')
    .replaceAll(/ in \d+m?\d*s\b/g, ' in 2s')
    .replaceAll(/ {2}\d+m?\d*s {2}/g, '  4s  ')
    .replaceAll(/sha256:[0-9a-f]{6,}/g, 'sha256:…')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '2026-11-21T08:00:00Z')
    .replaceAll(/^\d{4}-\d\d-\d\d$/gm, '2026-11-21')
    .replaceAll(/^\d\d:\d\d:\d\d(?= )/gm, '08:00:00')
    .replaceAll(/\(\d+ runs\)/g, '(4 runs)')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => !phases.has(line))
  return writesInOrder(inOrder(lines)).join('\n').trim()
}

/** Which of them a watch sees is a matter of luck. */
const phases = new Set(['waiting for the operator', 'Pending', 'Running', 'AwaitingReview', 'Applying', 'Succeeded'])

const happensAtOnce = /^(Profile|Draft|Apply) {2,4}/

const numberedWrite = /^\[(\d+)\/(\d+)\] COMMENT ON (?:TABLE|COLUMN) (\w+\.\w+)/

/** Tables are written at once: the lines of each together, by the names of the tables, and numbered anew. */
function writesInOrder(lines: readonly string[]): string[] {
  const from = lines.findIndex((line) => numberedWrite.test(line))
  const to = lines.findIndex((line) => /^\d+\/\d+ written/.test(line))
  if (from < 0 || to < from) return [...lines]
  const writes: { readonly table: string; readonly lines: string[] }[] = []
  for (const line of lines.slice(from, to)) {
    const table = numberedWrite.exec(line)?.[3]
    // What does not fit the terminal goes on in the next line.
    if (table === undefined) writes.at(-1)?.lines.push(line)
    else writes.push({ table, lines: [line] })
  }
  writes.sort((one, other) => (one.table < other.table ? -1 : one.table > other.table ? 1 : 0))
  const numbered = writes.flatMap(({ lines: own }, index) =>
    own.map((line) => line.replace(/^\[\d+\//, `[${index + 1}/`)),
  )
  return [...lines.slice(0, from), ...numbered, ...lines.slice(to)]
}

/** Neighbouring lines of the same kind in the order of the alphabet. */
function inOrder(lines: readonly string[]): string[] {
  const ordered: string[] = []
  let group: string[] = []
  const kindOf = (line: string | undefined) => (line === undefined ? null : (happensAtOnce.exec(line)?.[1] ?? null))
  for (const line of lines) {
    if (group.length > 0 && kindOf(line) !== kindOf(group[0])) {
      ordered.push(...group.sort())
      group = []
    }
    if (kindOf(line) === null) ordered.push(line)
    else group.push(line)
  }
  return [...ordered, ...group.sort()]
}
