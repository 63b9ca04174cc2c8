import { isDeepStrictEqual } from 'node:util'

// The part of kubectl's template language that lists need (https://kubernetes.io/docs/reference/kubectl/jsonpath/): text, {.a.b},
// {['a']}, [0], [-1], [1:3], [*], .*, ..name, [?(@.a=="b")], {range}…{end}, {"quoted\n"}. Nothing in it is ever run as code.

type Step =
  | { readonly kind: 'child'; readonly name: string }
  | { readonly kind: 'descend'; readonly name: string }
  | { readonly kind: 'every' }
  | { readonly kind: 'slice'; readonly from: number | null; readonly to: number | null }
  | { readonly kind: 'item'; readonly index: number }
  | { readonly kind: 'filter'; readonly path: readonly Step[]; readonly compare: Compare | null }

interface Compare {
  readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>='
  readonly value: string | number | boolean | null
}

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'path'; readonly steps: readonly Step[] }
  | { readonly kind: 'range'; readonly steps: readonly Step[]; readonly body: readonly Part[] }

export type JSONPathTemplate = readonly Part[]

/** Reads a template such as `{.items[*].name}`. Throws an Error in words for what is none. */
export function parseJSONPath(text: string): JSONPathTemplate {
  const template = text.includes('{') ? text : `{${text}}`
  const open: { steps: readonly Step[]; body: Part[] }[] = [{ steps: [], body: [] }]
  const add = (part: Part) => open.at(-1)?.body.push(part)
  for (const piece of piecesOf(template)) {
    if (!piece.braced) add({ kind: 'text', text: piece.text })
    else if (/^range\s/.test(piece.text)) open.push({ steps: stepsOf(piece.text.slice(6).trim()), body: [] })
    else if (piece.text === 'end') {
      const range = open.length > 1 ? open.pop() : undefined
      if (range === undefined) throw new Error('the template has an {end} without a {range}.')
      add({ kind: 'range', ...range })
    } else for (const word of wordsOf(piece.text)) add(word)
  }
  if (open.length > 1) throw new Error('the template has a {range} without an {end}.')
  return open[0]?.body ?? []
}

/** What a template gives of a value. Missing fields give nothing, as with kubectl's `--allow-missing-template-keys`. */
export function evaluateJSONPath(template: JSONPathTemplate, value: unknown): string {
  return template
    .map((part) => {
      if (part.kind === 'text') return part.text
      const found = follow(part.steps, value)
      if (part.kind === 'path') return found.map(asText).join(' ')
      return found.map((item) => evaluateJSONPath(part.body, item)).join('')
    })
    .join('')
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value
  return value === undefined ? '' : JSON.stringify(value)
}

function piecesOf(template: string): { readonly braced: boolean; readonly text: string }[] {
  const pieces: { braced: boolean; text: string }[] = []
  let position = 0
  while (position < template.length) {
    const start = template.indexOf('{', position)
    if (start === -1) {
      pieces.push({ braced: false, text: template.slice(position) })
      break
    }
    if (start > position) pieces.push({ braced: false, text: template.slice(position, start) })
    const end = closing(template, start, '}')
    pieces.push({ braced: true, text: template.slice(start + 1, end).trim() })
    position = end + 1
  }
  return pieces
}

/** Place of the bracket that ends what begins at `start`; brackets within quotes do not count. */
function closing(text: string, start: number, end: string): number {
  let quote = end === '"' || end === "'" ? end : ''
  for (let index = start + 1; index < text.length; index += 1) {
    const character = text[index] ?? ''
    if (quote !== '') {
      if (character === '\\') index += 1
      else if (character === quote) {
        if (quote === end) return index
        quote = ''
      }
    } else if (character === '"' || character === "'") quote = character
    else if (character === end) return index
  }
  throw new Error(`the template has no "${end}" for the bracket at character ${start + 1}.`)
}

/** Several paths and quoted texts may stand in one pair of braces: `{.a}` or `{.a .b "x"}`. */
function wordsOf(text: string): Part[] {
  const parts: Part[] = []
  let rest = text
  while (rest !== '') {
    if (rest[0] === '"' || rest[0] === "'") {
      const end = closing(rest, 0, rest[0])
      parts.push({ kind: 'text', text: unquote(rest.slice(0, end + 1)) })
      rest = rest.slice(end + 1).trimStart()
      continue
    }
    const end = pathEnd(rest)
    parts.push({ kind: 'path', steps: stepsOf(rest.slice(0, end)) })
    rest = rest.slice(end).trimStart()
  }
  return parts
}

function pathEnd(text: string): number {
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '[') index = closing(text, index, ']')
    else if (/\s/.test(text[index] ?? '')) return index
  }
  return text.length
}

function unquote(text: string): string {
  const inner = text.slice(1, -1)
  return inner.replaceAll(/\\(.)/g, (_, letter: string) => ({ n: '\n', t: '\t', r: '\r' })[letter] ?? letter)
}

function stepsOf(text: string): Step[] {
  const steps: Step[] = []
  let rest = text.replace(/^[$@]/, '')
  while (rest !== '' && rest !== '.') {
    if (rest[0] === '[') {
      const end = closing(rest, 0, ']')
      steps.push(bracketStep(rest.slice(1, end).trim()))
      rest = rest.slice(end + 1)
      continue
    }
    const found =
      /^(\.\.?)(\*|(?:\\.|[^.[\]\s\\*])+)/.exec(rest) ?? (steps.length === 0 ? /^()([\w-]+)/.exec(rest) : null)
    if (found === null) {
      if (rest.startsWith('.[')) {
        rest = rest.slice(1)
        continue
      }
      throw new Error(`"${text}" is not a JSONPath: "${rest}" does not fit.`)
    }
    const [whole, dots, raw = ''] = found
    const name = raw.replaceAll(/\\(.)/g, '$1')
    if (dots === '..') steps.push({ kind: 'descend', name })
    else steps.push(raw === '*' ? { kind: 'every' } : { kind: 'child', name })
    rest = rest.slice(whole.length)
  }
  return steps
}

function bracketStep(text: string): Step {
  if (text === '*') return { kind: 'every' }
  if (/^-?\d+$/.test(text)) return { kind: 'item', index: Number(text) }
  const slice = /^(-?\d+)?:(-?\d+)?$/.exec(text)
  if (slice !== null) {
    const [, from, to] = slice
    return { kind: 'slice', from: from === undefined ? null : Number(from), to: to === undefined ? null : Number(to) }
  }
  if (/^'.*'$|^".*"$/s.test(text)) return { kind: 'child', name: unquote(text) }
  const filter = /^\?\(\s*(@[^=!<>]*?)\s*(?:(==|!=|<=|>=|<|>)\s*(.+?)\s*)?\)$/s.exec(text)
  if (filter === null) throw new Error(`[${text}] is not a part of a JSONPath that is known here.`)
  const [, path = '', operator, value] = filter
  return {
    kind: 'filter',
    path: stepsOf(path),
    compare: operator === undefined ? null : { operator: operator as Compare['operator'], value: literal(value ?? '') },
  }
}

function literal(text: string): Compare['value'] {
  if (/^'.*'$|^".*"$/s.test(text)) return unquote(text)
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  if (text === 'true' || text === 'false') return text === 'true'
  if (text === 'null') return null
  throw new Error(`${text} is no text in quotes, number, true, false or null.`)
}

function follow(steps: readonly Step[], value: unknown): unknown[] {
  return steps.reduce<unknown[]>((found, step) => found.flatMap((item) => take(step, item)), [value])
}

function take(step: Step, value: unknown): unknown[] {
  switch (step.kind) {
    case 'child':
      return isRecord(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : []
    case 'every':
      return childrenOf(value)
    case 'item': {
      const item = Array.isArray(value) ? value.at(step.index) : undefined
      return item === undefined ? [] : [item]
    }
    case 'slice':
      return Array.isArray(value) ? value.slice(step.from ?? 0, step.to ?? undefined) : []
    case 'descend': {
      const next: Step = step.name === '*' ? { kind: 'every' } : { kind: 'child', name: step.name }
      return [...take(next, value), ...childrenOf(value).flatMap((child) => take(step, child))]
    }
    case 'filter':
      return childrenOf(value).filter((child) => follow(step.path, child).some((item) => holds(item, step.compare)))
  }
}

function childrenOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  return isRecord(value) ? Object.values(value) : []
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function holds(item: unknown, compare: Compare | null): boolean {
  if (compare === null) return true
  const { operator, value } = compare
  if (operator === '==') return isDeepStrictEqual(item, value)
  if (operator === '!=') return !isDeepStrictEqual(item, value)
  if (typeof item !== typeof value || (typeof item !== 'number' && typeof item !== 'string') || value === null)
    return false
  if (operator === '<') return item < value
  if (operator === '<=') return item <= value
  return operator === '>' ? item > value : item >= value
}
