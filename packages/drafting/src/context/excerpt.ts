import type { ContextKind, FoundChunk } from '@amx/api'
import type { EvidenceSubject } from '../confidence/evidence-subject.ts'
import type { BatchAsset } from '../draft-row.ts'
import { type ContextLimits, longestExcerpt } from './context-limits.ts'
import { askedSubject, type ReadChunk, readChunk, relevanceFloor, relevanceOf } from './relevance.ts'

/** A piece of a document or of code, as an agent is shown it. */
export interface Excerpt {
  /** What citations call it: `D1` for a document, `C1` for code. */
  readonly id: string
  readonly chunk: FoundChunk
  /** The chunk's text, or what of it is about the assets when it is long. */
  readonly text: string
  /** The assets it says something about. */
  readonly assets: readonly BatchAsset[]
}

/**
 * The chunks worth showing, the most relevant first, within the limits: each says something about an asset of the batch, and
 * every asset with a relevant chunk gets its best one before any gets a second. Empty when nothing found has to do with the
 * batch: then no agent is asked.
 */
export function selectExcerpts(
  kind: ContextKind,
  found: readonly FoundChunk[],
  subjects: ReadonlyMap<BatchAsset, EvidenceSubject>,
  limits: ContextLimits,
): Excerpt[] {
  const chunks = distinct(found).map(readChunk)
  const asked = [...subjects].map(([asset, subject]) => ({ asset, asked: askedSubject(subject) }))
  const rated = chunks.map((read) => {
    const relevances = asked
      .map((entry) => ({ asset: entry.asset, relevance: relevanceOf(entry.asked, read) }))
      .filter(({ relevance }) => relevance >= relevanceFloor)
    const best = Math.max(0, ...relevances.map(({ relevance }) => relevance))
    return { read, relevances, worth: best + read.chunk.score / 2 + relevances.length / 50 }
  })
  const ranked = rated.filter(({ relevances }) => relevances.length > 0).sort((a, b) => b.worth - a.worth)
  const firsts = new Set(
    [...subjects.keys()].flatMap((asset) => {
      const best = ranked.find(({ relevances }) => relevances.some((entry) => entry.asset === asset))
      return best === undefined ? [] : [best]
    }),
  )
  const ordered = [...ranked.filter((entry) => firsts.has(entry)), ...ranked.filter((entry) => !firsts.has(entry))]
  const excerpts: Excerpt[] = []
  let characters = 0
  for (const { read, relevances } of ordered) {
    if (excerpts.length >= limits.excerpts) break
    const assets = relevances.map(({ asset }) => asset)
    const text = excerptOf(read, assets, subjects)
    if (excerpts.length > 0 && characters + text.length > limits.characters) continue
    characters += text.length
    excerpts.push({ id: `${kind === 'Documents' ? 'D' : 'C'}${excerpts.length + 1}`, chunk: read.chunk, text, assets })
  }
  return excerpts
}

function distinct(found: readonly FoundChunk[]): FoundChunk[] {
  const kept = new Map<string, FoundChunk>()
  for (const chunk of found) {
    const key = [chunk.source, chunk.path, chunk.startLine, chunk.endLine, chunk.text.slice(0, 80)].join('\n')
    const known = kept.get(key)
    if (known === undefined || known.score < chunk.score) kept.set(key, chunk)
  }
  return [...kept.values()]
}

/** A long chunk is cut to the lines that name the assets, with the lines around them; to its beginning and end when none does. */
function excerptOf(
  { chunk }: ReadChunk,
  assets: readonly BatchAsset[],
  subjects: ReadonlyMap<BatchAsset, EvidenceSubject>,
): string {
  if (chunk.text.length <= longestExcerpt) return chunk.text
  const names = assets.flatMap((asset) => {
    const subject = subjects.get(asset)
    if (subject === undefined) return []
    const words = subject.words.filter(({ kind, word }) => kind === 'Known' && word.length > 3).map(({ word }) => word)
    return [subject.facts?.column.name ?? subject.tableWords.name, ...words].map((name) => name.toLowerCase())
  })
  const lines = chunk.text.split('\n')
  const wanted = new Set<number>()
  for (const [index, line] of lines.entries()) {
    const lower = line.toLowerCase()
    if (!names.some((name) => lower.includes(name))) continue
    for (let near = index - 2; near <= index + 2; near += 1) if (near >= 0 && near < lines.length) wanted.add(near)
  }
  if (wanted.size === 0) return `${chunk.text.slice(0, 1_200)}\n…\n${chunk.text.slice(-300)}`
  const kept: string[] = []
  let length = 0
  let last = -1
  for (const index of [...wanted].sort((a, b) => a - b)) {
    if (length >= longestExcerpt) break
    const line = (lines[index] ?? '').slice(0, longestExcerpt - length)
    if (index > last + 1) kept.push('…')
    kept.push(line)
    length += line.length + 1
    last = index
  }
  return kept.join('\n')
}
