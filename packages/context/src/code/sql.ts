import type { ProvidedDescription } from '@amx/api'
import { PostgreSQL } from '@codemirror/lang-sql'
import type { Passage } from '../passage.ts'
import { type CodeSpan, codeSize, cutSpans } from './cut-code.ts'

interface Statement extends CodeSpan {
  /** The relation it is about; null when it is about none. */
  readonly relation: string | null
  readonly provided: ProvidedDescription | null
}

const mostProvided = 500

/**
 * The passages of SQL: a statement with the comments before it; statements about the same relation stay together while they fit
 * (a table, its comments, its indexes). A file without DDL, as of a dbt model, is titled by its name. `COMMENT ON` provides.
 */
export function readSql(text: string, path: string): Passage[] {
  const statements = statementsOf(text, modelNameOf(path))
  const groups: { span: CodeSpan; relation: string | null; provided: ProvidedDescription[] }[] = []
  for (const { from, to, title, relation, provided } of statements) {
    const last = groups.at(-1)
    const added = provided === null ? [] : [provided]
    const fits =
      last !== undefined && relation !== null && last.relation === relation && to - last.span.from <= codeSize
    if (fits && last.provided.length + added.length <= mostProvided) {
      last.span = { ...last.span, to }
      last.provided.push(...added)
    } else groups.push({ span: { from, to, title }, relation, provided: added })
  }
  return groups.flatMap(({ span, provided }) => {
    const [first, ...rest] = cutSpans(text, [span])
    if (first === undefined) return []
    return [provided.length === 0 ? first : { ...first, provided }, ...rest]
  })
}

function statementsOf(text: string, model: string): Statement[] {
  const statements: Statement[] = []
  let from = 0
  const tree = PostgreSQL.language.parser.parse(text)
  for (let node = tree.topNode.firstChild; node !== null; node = node.nextSibling) {
    if (node.name === 'LineComment' || node.name === 'BlockComment') continue
    statements.push({ from, to: node.to, ...readStatement(text.slice(node.from, node.to), model) })
    from = node.to
  }
  const last = statements.at(-1)
  if (text.slice(from).trim() === '') return statements
  // Comments below the last statement are about it; in a file of comments only, they stand alone.
  if (last === undefined) return [{ from: 0, to: text.length, title: model, relation: model, provided: null }]
  return [...statements.slice(0, -1), { ...last, to: text.length }]
}

const name = String.raw`((?:"(?:[^"]|"")+"|[\w$]+)(?:\s*\.\s*(?:"(?:[^"]|"")+"|[\w$]+))*)`
const creation = new RegExp(
  String.raw`^create\s+(?:or\s+replace\s+)?((?:(?:global|local|temp|temporary|unlogged|external|foreign|materialized|recursive|unique|constraint)\s+)*(?:table|view|function|procedure|type|domain|index|trigger|sequence|schema|policy))\s+(?:concurrently\s+)?(?:if\s+not\s+exists\s+)?(?!on\s)${name}`,
  'i',
)
const target = new RegExp(
  String.raw`^(?:create\s+(?:unique\s+)?index\b[\s\S]*?\son|create\s+(?:constraint\s+)?trigger\s[\s\S]*?\son|alter\s+table(?:\s+if\s+exists)?(?:\s+only)?|insert\s+into|update(?:\s+only)?|delete\s+from|merge\s+into|truncate(?:\s+table)?|grant\s[\s\S]*?\son(?:\s+table)?|copy|drop\s+(?:table|view)(?:\s+if\s+exists)?)\s+${name}`,
  'i',
)
const comment = new RegExp(
  String.raw`^comment\s+on\s+(table|view|materialized\s+view|foreign\s+table|column|schema)\s+${name}\s+is\s+([\s\S]+?);?\s*$`,
  'i',
)

function readStatement(statement: string, model: string): Pick<Statement, 'title' | 'relation' | 'provided'> {
  const body = statement.replaceAll(/\/\*[\s\S]*?\*\/|--[^\n]*/g, ' ').trim()
  const said = comment.exec(statement.trim())
  if (said !== null) return readComment(said[1] ?? '', said[2] ?? '', said[3] ?? '')
  const made = creation.exec(body)
  const about = target.exec(body)
  if (made !== null) {
    const kind = (made[1] ?? '').replaceAll(/\s+/g, ' ').toUpperCase()
    const named = unquoted(made[2] ?? '')
    const relation = about?.[1] ?? (/TABLE|VIEW/.test(kind) ? named : null)
    return { title: `CREATE ${kind} ${named}`, relation: relation === null ? null : unquoted(relation), provided: null }
  }
  if (about !== null) {
    const relation = unquoted(about[1] ?? '')
    const verb = body
      .replace(/unique\s+/i, '')
      .split(/\s+/, 2)
      .join(' ')
      .toUpperCase()
    return { title: `${verb.startsWith('UPDATE') ? 'UPDATE' : verb} ${relation}`, relation, provided: null }
  }
  return { title: model, relation: model, provided: null }
}

function readComment(kind: string, named: string, literal: string): Pick<Statement, 'title' | 'relation' | 'provided'> {
  const path = parts(named)
  const isColumn = kind.toLowerCase() === 'column'
  const relation = (isColumn ? path.slice(0, -1) : path).join('.')
  const text = textOfLiteral(literal.trim())
  const isRelation = isColumn || kind.toLowerCase() !== 'schema'
  return {
    title: `COMMENT ON ${kind.toUpperCase()} ${path.join('.')}`,
    relation: isRelation ? relation : null,
    provided:
      text === null || text.trim() === '' || !isRelation || relation === ''
        ? null
        : { table: relation, column: isColumn ? (path.at(-1) ?? null) : null, text: text.trim().slice(0, 16_384) },
  }
}

function textOfLiteral(literal: string): string | null {
  const dollar = /^(\$\w*\$)([\s\S]*)\1$/.exec(literal)
  if (dollar !== null) return dollar[2] ?? null
  if (!/^(?:e|n|u&)?'[\s\S]*'$/i.test(literal)) return null
  // Literals that stand on two lines are one.
  const joined = literal
    .replace(/^[^']*'/, '')
    .slice(0, -1)
    .replaceAll(/'\s*\n\s*'/g, '')
  const plain = joined.replaceAll("''", "'")
  return /^e/i.test(literal) ? plain.replaceAll(/\\n/g, '\n').replaceAll(/\\(['\\])/g, '$1') : plain
}

function parts(named: string): string[] {
  return [...named.matchAll(/"((?:[^"]|"")+)"|[\w$]+/g)].map(
    ([whole, quoted]) => quoted?.replaceAll('""', '"') ?? whole,
  )
}

function unquoted(named: string): string {
  return parts(named).join('.')
}

function modelNameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]+$/, '')
}
