import { parseJsonReply } from './parse-json-reply.ts'
import { parseLabelledReply } from './parse-labelled-reply.ts'
import type { ParsedAsset, ParsedReply } from './parsed-reply.ts'

/** Reads a complete reply: JSON, else JSON in a fence or among prose, else labelled text; null when it is none of these. */
export function parseReply(content: string): ParsedReply | null {
  return parseJsonReply(content) ?? parseLabelledReply(content)
}

/** What a reply says about a column, whatever case or quotes its name came in; null when it says nothing. */
export function parsedColumn(reply: ParsedReply, name: string): ParsedAsset | null {
  const exact = reply.columns.get(name)
  if (exact !== undefined) return exact
  const wanted = plainName(name)
  const alike = [...reply.columns].filter(([written]) => plainName(written) === wanted)
  return alike.length === 1 ? (alike[0]?.[1] ?? null) : null
}

function plainName(name: string): string {
  return name.replaceAll(/^[\s`"'[]+|[\s`"'\]]+$/g, '').toLowerCase()
}
