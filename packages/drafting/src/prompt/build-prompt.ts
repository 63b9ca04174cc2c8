import type { GenerationSettings, StyleExample, TableProfile } from '@amx/api'
import { plainData, quotedData } from '../evidence/quoted-data.ts'
import { type AssetSeed, seedBlock } from './seed-block.ts'
import { styleBlock } from './style-block.ts'
import { sharedColumnsRule } from './templates/shared-columns-v1.ts'
import * as template from './templates/v2.ts'
import { variationRules } from './templates/variation-v1.ts'

export interface PromptMessage {
  readonly role: 'system' | 'user'
  readonly content: string
}

export interface PromptRequest {
  readonly profile: TableProfile
  /** Names of the columns asked for with their evidence blocks, in the table's order. */
  readonly columns: readonly { readonly name: string; readonly evidence: string }[]
  readonly tableEvidence: string
  readonly includeTable: boolean
  readonly alternatives: number
  readonly generation: GenerationSettings
  /** Comments whose style is to be matched; absent or empty for none. */
  readonly style?: readonly StyleExample[]
  /** Texts to vary, by asset; absent for anything but variations. */
  readonly seeds?: readonly AssetSeed[]
  /** Texts that exist already, by asset, for a continuation and for variations; absent for a first draft. */
  readonly existing?: readonly { readonly asset: string; readonly texts: readonly string[] }[]
}

/** The messages of a call: what never changes first, so that providers' prompt caches hit, then the table, then the batch. */
export function buildPrompt(request: PromptRequest): PromptMessage[] {
  return [
    { role: 'system', content: systemMessage(request) },
    { role: 'user', content: userMessage(request) },
  ]
}

function systemMessage({ generation, style = [] }: PromptRequest): string {
  const parts = [
    template.role,
    template.writingRules,
    template.classGuidance,
    template.lengths[generation.verbosity],
    generation.alternatives > 1 ? template.alternativesDirectives[generation.alternativesMode] : null,
    generation.deduplicate === true ? sharedColumnsRule : null,
    style.length > 0 ? template.styleRule : null,
    template.dataRule,
    template.answerRule,
    generation.instructions.trim() === '' ? null : `${template.instructionsHeading}\n${generation.instructions.trim()}`,
  ]
  return parts.filter((part) => part !== null).join('\n\n')
}

function userMessage(request: PromptRequest): string {
  const { profile, columns, tableEvidence, includeTable, alternatives, generation, existing } = request
  const others = otherColumns(request)
  const evidence = [
    tableEvidence,
    ...columns.map((column) => column.evidence),
    ...(others.length === 0 ? [] : [`other columns of the table: ${others.map((name) => plainData(name)).join(', ')}`]),
  ].join('\n\n')
  const counted = alternatives === 1 ? 'exactly 1 description' : `exactly ${alternatives} alternatives`
  const asked =
    columns.length === 0
      ? `Describe the table, with ${counted}`
      : `Describe ${includeTable ? 'the table and ' : ''}the ${columns.length === 1 ? 'column' : `${columns.length} columns`} named in the request, with ${counted} ${includeTable || columns.length > 1 ? 'for each' : ''}`.trim()
  const marked = jsonLine({
    table: profile.catalog.path,
    columns: columns.map(({ name }) => name),
    alternatives,
    wantTable: includeTable,
  })
  const parts = [
    ...((request.style ?? []).length > 0 ? [styleBlock(request.style ?? [])] : []),
    `<evidence>\n${evidence}\n</evidence>`,
  ]
  const { seeds = [] } = request
  if (seeds.length > 0) parts.push(variationRules[generation.alternativesMode], seedBlock(seeds))
  if (existing !== undefined) parts.push(template.continuationRule, existingBlock(existing))
  parts.push(`${asked}. Answer as JSON in ${lengthName(generation)} form.`, `<request>${marked}</request>`)
  return parts.join('\n\n')
}

function existingBlock(existing: readonly { readonly asset: string; readonly texts: readonly string[] }[]): string {
  const lines = existing.map(({ asset, texts }) =>
    [plainData(asset), ...texts.map((text) => `  ${quotedData(text, 2_000)}`)].join('\n'),
  )
  return `<existing>\n${lines.join('\n')}\n</existing>`
}

function lengthName(generation: GenerationSettings): string {
  return generation.verbosity.toLowerCase()
}

function otherColumns({ profile, columns, generation }: PromptRequest): string[] {
  const asked = new Set(columns.map(({ name }) => name))
  const others = profile.catalog.columns.map(({ name }) => name).filter((name) => !asked.has(name))
  return generation.otherColumnNames < 0 ? others : others.slice(0, generation.otherColumnNames)
}

// A name that holds `</request>` must not end the line.
function jsonLine(value: object): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}
