import { parseAssetPath } from '@amx/api'
import { wordsOf } from './twin-key.ts'

export interface CopiedColumn {
  readonly fromTable: string
  readonly toTable: string
  readonly column: string
}

/**
 * Whether one of the texts speaks of the table it was written for, such as "the email address of the customer": it would be wrong
 * in another table. Words that are also in the column's name or in the other table's name do not count.
 */
export function namesTable(texts: readonly string[], { fromTable, toTable, column }: CopiedColumn): boolean {
  const shared = new Set([...stemsOf(column), ...stemsOf(relationOf(toTable))])
  const own = stemsOf(relationOf(fromTable)).filter((stem) => stem.length > 2 && !shared.has(stem))
  return texts.some((text) => {
    const said = new Set(stemsOf(text))
    return own.some((stem) => said.has(stem))
  })
}

function relationOf(path: string): string {
  return parseAssetPath(path).at(-1) ?? path
}

function stemsOf(text: string): string[] {
  return wordsOf(text).map((word) => word.replace(/ies$/, 'y').replace(/(?<=..)e?s$/, ''))
}
