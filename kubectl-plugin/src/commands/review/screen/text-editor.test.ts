import { describe, expect, test } from 'vitest'
import { editorOf, editText, type TextEditor } from './text-editor.ts'

/** Types into an editor; `|` in the result is where the cursor stands. */
function typed(start: string, keys: readonly string[], lines: TextEditor['lines'] = 'many'): string {
  const editor = keys.reduce<TextEditor>(
    (current, name) => {
      const text = name.length === 1 || !/^[a-z]+(-[a-z]+)*$/.test(name) ? name : ''
      return editText(current, { name, text }) ?? current
    },
    editorOf(start, lines),
  )
  return `${editor.text.slice(0, editor.at)}|${editor.text.slice(editor.at)}`
}

describe('keys', () => {
  test.each([
    ['type at the cursor', 'ac', ['left', 'b'], 'ab|c'],
    ['move by characters as a reader sees them', 'a👩‍👩‍👧é', ['left', 'left'], 'a|👩‍👩‍👧é'],
    ['delete a character as a reader sees it', 'a👩‍👩‍👧', ['backspace'], 'a|'],
    ['delete what follows', 'abc', ['home', 'delete'], '|bc'],
    ['move by words', 'one two', ['ctrl-left', 'ctrl-left', 'ctrl-right'], 'one| two'],
    ['delete a word', 'one two', ['ctrl-w'], 'one |'],
    ['delete to the ends of the line', 'one\ntwo', ['left', 'ctrl-u', 'ctrl-k'], 'one\n|'],
    ['begin a new line', 'ab', ['left', 'alt-enter'], 'a\n|b'],
    ['move between lines, as far as the other one goes', 'a\nlong', ['up', 'X'], 'aX|\nlong'],
    ['move down', 'long\na', ['up', 'home', 'end', 'down'], 'long\na|'],
    ['stop at the ends', '', ['left', 'right', 'backspace', 'delete', 'up', 'down'], '|'],
  ])('%s', (_, start, keys, expected) => {
    expect(typed(start, keys)).toBe(expected)
  })
})

test('what is pasted keeps its lines where there may be several, and loses what no description holds', () => {
  expect(typed('', ['A\r\nB\u0007\tC'])).toBe('A\nB C|')
  expect(typed('', ['A\r\nB'], 'one')).toBe('A B|')
  expect(typed('a', ['alt-enter'], 'one')).toBe('a|')
})
