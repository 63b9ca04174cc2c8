/** One press of a key, or a paste, as the screen understands it. */
export interface Key {
  /** `up`, `enter`, `alt-enter`, `ctrl-c`, `escape`…; a character as itself; `paste` for pasted text. */
  readonly name: string
  /** What it would type; empty for keys that type nothing. */
  readonly text: string
}

/** What Node.js tells of a key. */
export interface Keypress {
  readonly name?: string | undefined
  readonly sequence?: string | undefined
  readonly ctrl?: boolean
  readonly meta?: boolean
  readonly shift?: boolean
}

const names: Readonly<Record<string, string>> = { return: 'enter', enter: 'alt-enter', space: ' ' }
const typesNothing =
  /^(up|down|left|right|home|end|pageup|pagedown|insert|delete|backspace|escape|tab|return|enter|clear|f\d+|undefined)$/

/** The key behind a keypress; null for one that means nothing. Ctrl-J types a line break as Alt-Enter does. Pure. */
export function keyOf(character: string | undefined, { name, sequence, ctrl, meta, shift }: Keypress): Key | null {
  if (name !== undefined && typesNothing.test(name)) {
    const plain = names[name] ?? name
    const prefix = `${ctrl ? 'ctrl-' : ''}${meta && plain !== 'escape' ? 'alt-' : ''}${shift ? 'shift-' : ''}`
    return { name: plain === 'alt-enter' ? plain : `${prefix}${plain}`, text: '' }
  }
  if (ctrl && name !== undefined) return { name: `ctrl-${name}`, text: '' }
  if (meta && name !== undefined) return { name: `alt-${name}`, text: '' }
  const text = character ?? sequence ?? ''
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what begins with one types nothing
  if (text === '' || /^[\u0000-\u001f\u007f]/.test(text)) return null
  return { name: text, text }
}
