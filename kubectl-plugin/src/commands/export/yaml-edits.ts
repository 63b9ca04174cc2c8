import { isCollection, isMap, isScalar, isSeq, parse, Scalar, stringify, type YAMLMap, type YAMLSeq } from 'yaml'

/** Something to add to a list, with its name first. */
export interface NewItem {
  readonly name: string
  description?: string
  columns?: NewItem[]
  tables?: NewItem[]
}

export type ListKey = 'sources' | 'tables' | 'columns'

interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
  /** Of insertions at one place, the more indented goes first: it belongs to what ends there. */
  readonly column: number
}

/** Changes of a YAML text at the places of its nodes: every other character of it stays as it is. */
export interface YAMLEdits {
  setDescription(map: YAMLMap, text: string): void
  /** Adds to the list under a key of a map, which is made where there is none. */
  addItems(map: YAMLMap, key: ListKey, items: readonly NewItem[]): void
  result(): string
}

/** Collects changes of `source`, which ends in a line break; the nodes are of a document parsed from it. */
export function createYAMLEdits(source: string): YAMLEdits {
  const edits: Edit[] = []
  const style = styleOf(source)
  const insert = (at: number, text: string, column = 0) => edits.push({ from: at, to: at, text, column })
  const columnOf = (offset: number) => offset - (source.lastIndexOf('\n', offset - 1) + 1)
  const afterLine = (offset: number) => {
    const end = source.indexOf('\n', offset)
    return end === -1 ? source.length : end + 1
  }
  const afterColon = (key: unknown) => source.indexOf(':', endOf(key)) + 1

  function addToList(list: YAMLSeq, items: readonly NewItem[]): void {
    const last = list.items.at(-1)
    if (list.flow) {
      const text = items.map(flowItem).join(', ')
      if (last === undefined) insert(startOf(list) + 1, text)
      else insert(endOf(last), `, ${text}`)
      return
    }
    const column = columnOf(startOf(list))
    insert(afterLine(endOf(list)), blockItems(items, column, style), column)
  }

  return {
    setDescription(map, text) {
      const pair = pairOf(map, 'description')
      const { value } = pair ?? {}
      if (pair !== undefined && (!isScalar(value) || (value.value === null && endOf(value) === startOf(value)))) {
        insert(afterColon(pair.key), ` ${scalarText(text, map.flow === true)}`)
        return
      }
      if (isScalar(value)) {
        const block = value.type === Scalar.BLOCK_LITERAL || value.type === Scalar.BLOCK_FOLDED
        const to = block ? (value.range?.[1] ?? 0) : endOf(value)
        edits.push({
          from: startOf(value),
          to,
          text: `${scalarText(text, map.flow === true)}${block ? '\n' : ''}`,
          column: 0,
        })
        return
      }
      const name = pairOf(map, 'name')
      const [first] = map.items
      if (map.flow) {
        const words = `description: ${scalarText(text, true)}`
        if (name === undefined) insert(startOf(map) + 1, first === undefined ? words : `${words}, `)
        else insert(endOf(name.value ?? name.key), `, ${words}`)
      } else if (name === undefined) {
        const at = startOf(first?.key)
        insert(at, `description: ${scalarText(text, false)}\n${' '.repeat(columnOf(at))}`)
      } else {
        const column = columnOf(startOf(name.key))
        const line = `${' '.repeat(column)}description: ${scalarText(text, false)}\n`
        // Ahead of whatever else is added where the name's line ends.
        insert(afterLine(endOf(name.value ?? name.key)), line, Number.POSITIVE_INFINITY)
      }
    },
    addItems(map, key, items) {
      const pair = pairOf(map, key)
      if (isSeq(pair?.value)) {
        addToList(pair.value as YAMLSeq, items)
        return
      }
      // `columns: null` and the like make room for the list.
      if (pair !== undefined && isScalar(pair.value) && endOf(pair.value) > startOf(pair.value)) {
        edits.push({ from: afterColon(pair.key), to: endOf(pair.value), text: '', column: 0 })
      }
      if (map.flow) {
        const list = `[${items.map(flowItem).join(', ')}]`
        const last = map.items.at(-1)
        if (pair !== undefined) insert(afterColon(pair.key), ` ${list}`)
        else if (last === undefined) insert(startOf(map) + 1, `${key}: ${list}`)
        else insert(endOf(last.value ?? last.key), `, ${key}: ${list}`)
      } else {
        const column = columnOf(startOf(map.items[0]?.key))
        const block = blockItems(items, column + style.listIndent, style)
        if (pair !== undefined) insert(afterLine(afterColon(pair.key)), block, column)
        else insert(afterLine(endOf(map)), `${' '.repeat(column)}${key}:\n${block}`, column)
      }
    },
    result() {
      const ordered = edits
        .map((edit, index) => ({ ...edit, index }))
        .sort((one, other) => one.from - other.from || other.column - one.column || one.index - other.index)
      const eol = source.includes('\r\n') ? '\r\n' : '\n'
      let text = ''
      let position = 0
      for (const edit of ordered) {
        text += source.slice(position, edit.from) + edit.text.replaceAll('\n', eol)
        position = edit.to
      }
      return text + source.slice(position)
    },
  }
}

interface Style {
  /** Blanks between a key and the dash of its list. */
  readonly listIndent: number
  /** Blanks between a dash and the keys of its item. */
  readonly itemIndent: number
}

/** How the first list of the text is indented. */
function styleOf(source: string): Style {
  const list = /^([ -]*)[^\s#-][^\n]*:[ \t]*\r?\n(?:[ \t]*(?:#[^\n]*)?\r?\n)*( *)-( +)\S/m.exec(source)
  const [, key = '', dash = '  ', gap = ' '] = list ?? []
  return { listIndent: list === null ? 2 : Math.max(0, dash.length - key.length), itemIndent: gap.length }
}

function blockItems(items: readonly NewItem[], column: number, style: Style): string {
  const inner = column + 1 + style.itemIndent
  const lines = items.map((item) => {
    const start = `${' '.repeat(column)}-${' '.repeat(style.itemIndent)}name: ${scalarText(item.name, false)}\n`
    const description =
      item.description === undefined ? '' : `${' '.repeat(inner)}description: ${scalarText(item.description, false)}\n`
    const lists = (['tables', 'columns'] as const).map((key) => {
      const below = item[key] ?? []
      return below.length === 0
        ? ''
        : `${' '.repeat(inner)}${key}:\n${blockItems(below, inner + style.listIndent, style)}`
    })
    return start + description + lists.join('')
  })
  return lines.join('')
}

function flowItem({ name, description, columns, tables }: NewItem): string {
  const fields = [
    `name: ${scalarText(name, true)}`,
    description === undefined ? '' : `description: ${scalarText(description, true)}`,
    tables === undefined ? '' : `tables: [${tables.map(flowItem).join(', ')}]`,
    columns === undefined ? '' : `columns: [${columns.map(flowItem).join(', ')}]`,
  ]
  return `{${fields.filter(Boolean).join(', ')}}`
}

/** A text on one line: bare where that means the same to readers of YAML 1.1, such as dbt, and of 1.2; else in double quotes. */
function scalarText(text: string, flow: boolean): string {
  const bare = stringify(text, { lineWidth: 0, blockQuote: false, doubleQuotedMinMultiLineLength: 1e9 }).trimEnd()
  const special = text.search(readOtherwise) !== -1 || text === '=' || text === '<<'
  const plain = bare === text && !special && !(flow && /[,[\]{}]/.test(text))
  if (plain && parse(bare, { version: '1.1' }) === text) return bare
  return (bare.startsWith('"') ? bare : JSON.stringify(text)).replaceAll(readOtherwise, escaped)
}

/** What readers of YAML 1.1 take for the end of a line or refuse. */
const readOtherwise = /[\t\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function pairOf(map: YAMLMap, key: string) {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key)
}

function startOf(node: unknown): number {
  return (node as { range?: readonly number[] | null } | undefined)?.range?.[0] ?? 0
}

/** Where the last character of a node's content ends: before comments, blanks and line breaks that follow. */
function endOf(node: unknown): number {
  if (isCollection(node) && !node.flow && node.items.length > 0) {
    const last: unknown = node.items.at(-1)
    if (isSeq(node)) return endOf(last)
    const { key, value } = last as { key: unknown; value: unknown }
    return isMap(node) && value !== null ? Math.max(endOf(key), endOf(value)) : endOf(key)
  }
  const { range } = (node ?? {}) as { range?: readonly [number, number, number] | null }
  const end = range?.[1] ?? 0
  const block = isScalar(node) && (node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED)
  return block ? end - 1 : end
}
