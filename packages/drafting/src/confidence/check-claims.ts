import type { TableProfile } from '@amx/api'
import { type ClaimKind, claimsOf } from './claims.ts'
import { evidenceSubject } from './evidence-subject.ts'

/** How many factual claims of a text the profile bears out, contradicts, and leaves open. */
export interface CheckedClaims {
  readonly supported: number
  readonly contradicted: number
  readonly open: number
}

// That a text uses the words of the name, of the table or of an existing comment says nothing about the data.
const notFactual: ReadonlySet<ClaimKind> = new Set<ClaimKind>(['Name', 'Entity', 'Comment'])

/** Checks what a text about a column (about the table when `column` is null) states: values, ranges, keys, units, emptiness, kind. */
export function checkClaims(text: string, table: TableProfile, column: string | null): CheckedClaims {
  const factual = claimsOf(text, evidenceSubject(table, column)).filter(({ kind }) => !notFactual.has(kind))
  return {
    supported: factual.filter(({ support }) => support > 0).length,
    contradicted: factual.filter(({ support }) => support < 0).length,
    open: factual.filter(({ support }) => support === 0).length,
  }
}
