import type { GenerationSettings } from '@amx/api'
import { plainData, quotedData } from '../evidence/quoted-data.ts'
import type { PromptMessage } from '../prompt/build-prompt.ts'
import { alternativesDirectives, lengths } from '../prompt/templates/v2.ts'
import type { Candidate } from './candidate.ts'
import * as template from './templates/agents-v1.ts'

/** An asset whose candidates are to be merged. */
export interface MergedAsset {
  /** Name of the column; null for the table. */
  readonly asset: string | null
  /** What the profile says about it. */
  readonly evidence: string
  readonly candidates: readonly Candidate[]
}

/** The messages of a merge: rules, what the profile shows, then every writer's candidates with the quotations they stand on. */
export function buildMergePrompt(
  table: string,
  assets: readonly MergedAsset[],
  generation: GenerationSettings,
): PromptMessage[] {
  const { alternatives, verbosity, alternativesMode } = generation
  const system = [
    template.mergeRole,
    template.mergeRules,
    lengths[verbosity],
    alternatives > 1 ? alternativesDirectives[alternativesMode] : null,
    template.mergeDataRule,
    template.mergeAnswerRule,
  ]
  const columns = assets.flatMap(({ asset }) => (asset === null ? [] : [asset]))
  const wantTable = assets.some(({ asset }) => asset === null)
  const marked = { agent: 'merge', table, columns, alternatives, wantTable }
  const user = [
    `<evidence>\n${assets.map(({ evidence }) => evidence).join('\n\n')}\n</evidence>`,
    `<candidates>\n${assets.map((asset) => candidateBlock(table, asset)).join('\n\n')}\n</candidates>`,
    `Merge the candidates into exactly ${alternatives === 1 ? '1 description' : `${alternatives} alternatives`} for each asset named in the request. Answer as JSON.`,
    `<request>${JSON.stringify(marked).replaceAll('<', '\\u003c')}</request>`,
  ]
  return [
    { role: 'system', content: system.filter((part) => part !== null).join('\n\n') },
    { role: 'user', content: user.join('\n\n') },
  ]
}

function candidateBlock(table: string, { asset, candidates }: MergedAsset): string {
  const head = asset === null ? `table ${plainData(table)}` : `column ${plainData(asset)}`
  const lines = candidates.flatMap(({ source, texts, citations }) => [
    ...texts.map(({ text, confidence }) => `  ${source} (${confidence ?? 'unknown'}): ${quotedData(text, 4_000)}`),
    ...citations
      .filter(({ path }) => path !== undefined)
      .map(({ path, snippet }) => `    ${plainData(path ?? '', 200)} says ${quotedData(snippet, 300)}`),
  ])
  return [head, ...lines].join('\n')
}
