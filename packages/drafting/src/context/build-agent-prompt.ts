import type { ContextKind, GenerationSettings, TableProfile } from '@amx/api'
import { classifyColumn } from '../evidence/classify-column.ts'
import { columnFacts } from '../evidence/column-facts.ts'
import { plainData, quotedLines } from '../evidence/quoted-data.ts'
import type { PromptMessage } from '../prompt/build-prompt.ts'
import { alternativesDirectives, lengths } from '../prompt/templates/v2.ts'
import type { Excerpt } from './excerpt.ts'
import * as template from './templates/agents-v1.ts'

export interface AgentPromptRequest {
  readonly kind: ContextKind
  readonly profile: TableProfile
  /** Names of the columns asked about. */
  readonly columns: readonly string[]
  readonly includeTable: boolean
  readonly alternatives: number
  readonly excerpts: readonly Excerpt[]
  readonly generation: GenerationSettings
}

/** The messages of an agent's call: rules first, then the table's outline without any values, then the excerpts. */
export function buildAgentPrompt(request: AgentPromptRequest): PromptMessage[] {
  const { kind, generation, alternatives } = request
  const system = [
    template.roles[kind],
    template.agentRules,
    lengths[generation.verbosity],
    alternatives > 1 ? alternativesDirectives[generation.alternativesMode] : null,
    template.agentDataRule,
    template.agentAnswerRule,
  ]
  return [
    { role: 'system', content: system.filter((part) => part !== null).join('\n\n') },
    { role: 'user', content: userMessage(request) },
  ]
}

function userMessage({ kind, profile, columns, includeTable, alternatives, excerpts }: AgentPromptRequest): string {
  const marked = {
    agent: kind.toLowerCase(),
    table: profile.catalog.path,
    columns,
    alternatives,
    wantTable: includeTable,
  }
  const counted = alternatives === 1 ? '1 description' : `${alternatives} alternatives`
  const source = kind === 'Documents' ? 'documents' : 'code'
  return [
    `<outline>\n${outline(profile, columns)}\n</outline>`,
    `<excerpts>\n${excerpts.map(excerptBlock).join('\n\n')}\n</excerpts>`,
    `Write what the ${source} say about ${includeTable ? 'the table and ' : ''}the assets named in the request, with ${counted} for each of which they say something. Answer as JSON.`,
    `<request>${JSON.stringify(marked).replaceAll('<', '\\u003c')}</request>`,
  ].join('\n\n')
}

function outline(profile: TableProfile, columns: readonly string[]): string {
  const { catalog } = profile
  const lines = columns.map((name) => {
    const facts = columnFacts(profile, name)
    if (facts === null) return `column ${plainData(name)}`
    const reference = facts.reference === null ? '' : `, references ${plainData(facts.reference.otherTable)}`
    return `column ${plainData(name)}: ${plainData(facts.column.type)}, ${classifyColumn(facts)}${reference}`
  })
  return [`table ${plainData(catalog.path)} (${catalog.kind})`, ...lines].join('\n')
}

/** An excerpt as prompts show it, and as a draft keeps it for whoever wants to see what the model saw. */
export function excerptBlock({ id, chunk, text }: Excerpt): string {
  const title = chunk.title === null ? '' : `, ${plainData(chunk.title, 200)}`
  const place = `${plainData(chunk.source, 100)}: ${plainData(chunk.path, 300)}, lines ${chunk.startLine}-${chunk.endLine}`
  return `excerpt ${id} (${place}${title})\n${quotedLines(text)}`
}
