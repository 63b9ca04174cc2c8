import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { CommandIO } from '../command-io.ts'
import { createStatusDisplay } from '../progress/status-display.ts'
import { harmless, paintFor } from './paint.ts'
import { cutTo, formatTable } from './table.ts'

function ioWith(terminal: boolean, env: Record<string, string> = {}): CommandIO & { written(): string } {
  const stdout = new PassThrough({ encoding: 'utf8' })
  return {
    stdin: new PassThrough(),
    stdout,
    stderr: new PassThrough(),
    interactive: { stdin: terminal, stdout: terminal },
    env,
    width: 30,
    now: () => new Date(0),
    signal: new AbortController().signal,
    written: () => (stdout.read() as string | null) ?? '',
  }
}

describe('a table', () => {
  test('lines up, also with letters that take two columns, and has no blanks at the end', () => {
    expect(
      formatTable(
        ['asset', 'text', 'state'],
        [
          ['ab', '漢字', 'x'],
          ['abcdefg', 'é', ''],
        ],
      ),
    ).toEqual(['ASSET     TEXT   STATE', 'ab        漢字   x', 'abcdefg   é'])
  })

  test.each([
    ['has room', 36, 'A long text', ['NAME    PHASE     ROWS   TEXT', 'first   Running   1200   A long text']],
    [
      'is narrow: columns stand closer',
      33,
      'A long text',
      ['NAME   PHASE    ROWS  TEXT', 'first  Running  1200  A long text'],
    ],
    [
      'is narrower: the last column is cut',
      34,
      'A longer text',
      ['NAME   PHASE    ROWS  TEXT', 'first  Running  1200  A longer te…'],
    ],
    ['is too narrow: columns are left out', 25, 'A long text', ['NAME   PHASE    ROWS  …', 'first  Running  1200']],
    ['is far too narrow: one is left', 8, 'A long text', ['NAME   …', 'first']],
  ])('where the screen %s', (_, width, text, lines) => {
    const heads = ['name', 'phase', 'rows', 'text']
    expect(formatTable(heads, [['first', 'Running', '1200', text]], { width })).toEqual(lines)
  })

  test('leaves out its heads when told to', () => {
    expect(formatTable(['a'], [['1']], { noHeaders: true })).toEqual(['1'])
  })
})

test('text is cut to the columns it may take', () => {
  expect(cutTo('abcdef', 6)).toBe('abcdef')
  expect(cutTo('abcdefg', 6)).toBe('abcde…')
  expect(cutTo('漢字漢字', 6)).toBe('漢字…')
})

test('what comes from a database cannot move the cursor or fake a line', () => {
  expect(harmless('a\u001b[2Jb\nc\u0007')).toBe('a�[2Jb c�')
})

describe('colour', () => {
  test('is used on a terminal only, and not where NO_COLOR is set', () => {
    expect(paintFor(ioWith(true))('red', 'x')).toBe('\u001b[31mx\u001b[0m')
    expect(paintFor(ioWith(false))('red', 'x')).toBe('x')
    expect(paintFor(ioWith(true, { NO_COLOR: '1' }))('red', 'x')).toBe('x')
    expect(paintFor(ioWith(true, { TERM: 'dumb' }))('red', 'x')).toBe('x')
  })
})

describe('where things stand', () => {
  const status = (...lines: string[]) => ({ live: () => lines, plain: lines.join('; ') })

  test('is written off a terminal when it changed, without any control character', () => {
    const io = ioWith(false)
    const display = createStatusDisplay(io)
    display.show(status('one'))
    display.show(status('one'))
    display.say('said')
    display.show(status('two'))
    display.end()
    expect(io.written()).toBe('one\nsaid\ntwo\n')
  })

  test('is redrawn in place on a terminal, below the lines that stay, and taken away at the end', () => {
    const io = ioWith(true)
    const display = createStatusDisplay(io)
    display.show(status('one', 'more'))
    display.say('said')
    display.show(status('two, which is longer than the terminal is wide'))
    display.end()
    const back = (lines: number) => `\u001b[${lines}A\r\u001b[J`
    expect(io.written()).toBe(
      `one\nmore\n${back(2)}said\none\nmore\n${back(2)}two, which is longer than th…\n${back(1)}`,
    )
  })
})
