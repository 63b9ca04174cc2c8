/** A text being written and where in it the cursor stands. */
export interface TextEditor {
  readonly text: string
  /** Index into the text, between two characters as a reader sees them. */
  readonly at: number
  /** Whether it may have several lines. */
  readonly lines: 'one' | 'many'
}

/** An editor with the cursor at the end. */
export function editorOf(text: string, lines: TextEditor['lines']): TextEditor {
  return { text, at: text.length, lines }
}

/** What a key does to the text; null for a key that does not edit. Pure. */
export function editText(editor: TextEditor, key: { readonly name: string; readonly text: string }): TextEditor | null {
  const { text, at } = editor
  switch (key.name) {
    case 'left':
      return { ...editor, at: before(text, at) }
    case 'right':
      return { ...editor, at: after(text, at) }
    case 'ctrl-left':
    case 'alt-left':
    case 'alt-b':
      return { ...editor, at: wordBefore(text, at) }
    case 'ctrl-right':
    case 'alt-right':
    case 'alt-f':
      return { ...editor, at: wordAfter(text, at) }
    case 'home':
    case 'ctrl-a':
      return { ...editor, at: lineStart(text, at) }
    case 'end':
      return { ...editor, at: lineEnd(text, at) }
    case 'up':
      return { ...editor, at: lineAbove(text, at) }
    case 'down':
      return { ...editor, at: lineBelow(text, at) }
    case 'backspace':
      return replace(editor, before(text, at), at, '')
    case 'delete':
    case 'ctrl-d':
      return replace(editor, at, after(text, at), '')
    case 'ctrl-w':
    case 'alt-backspace':
      return replace(editor, wordBefore(text, at), at, '')
    case 'ctrl-u':
      return replace(editor, lineStart(text, at), at, '')
    case 'ctrl-k':
      return replace(editor, at, lineEnd(text, at), '')
    case 'alt-enter':
      return editor.lines === 'many' ? replace(editor, at, at, '\n') : null
    default:
      return key.text === '' ? null : replace(editor, at, at, typed(key.text, editor.lines))
  }
}

function replace(editor: TextEditor, from: number, to: number, text: string): TextEditor {
  return { ...editor, text: editor.text.slice(0, from) + text + editor.text.slice(to), at: from + text.length }
}

/** Pasted text with the line breaks of here, and without what no description holds. */
function typed(text: string, lines: TextEditor['lines']): string {
  const unified = text.replaceAll(/\r\n?/g, '\n').replaceAll('\t', ' ')
  const kept = unified.replaceAll(/(?!\n)\p{Cc}/gu, '')
  return lines === 'many' ? kept : kept.replaceAll('\n', ' ')
}

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

function before(text: string, at: number): number {
  return at === 0 ? 0 : (characters.segment(text).containing(at - 1)?.index ?? at - 1)
}

function after(text: string, at: number): number {
  const next = characters.segment(text).containing(at)
  return next === undefined ? text.length : next.index + next.segment.length
}

function wordBefore(text: string, at: number): number {
  return /\S*\s*$/u.exec(text.slice(0, at))?.index ?? 0
}

function wordAfter(text: string, at: number): number {
  return at + (/^\s*\S*/u.exec(text.slice(at))?.[0].length ?? 0)
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end
}

function lineAbove(text: string, at: number): number {
  const start = lineStart(text, at)
  if (start === 0) return 0
  return Math.min(lineStart(text, start - 1) + (at - start), start - 1)
}

function lineBelow(text: string, at: number): number {
  const end = lineEnd(text, at)
  if (end === text.length) return end
  return Math.min(end + 1 + (at - lineStart(text, at)), lineEnd(text, end + 1))
}
