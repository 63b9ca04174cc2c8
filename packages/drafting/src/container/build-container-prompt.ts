import type { ContainerBrief, GenerationSettings } from '@amx/api'
import { quotedData } from '../evidence/quoted-data.ts'
import type { PromptMessage } from '../prompt/build-prompt.ts'
import * as template from '../prompt/templates/container-v1.ts'
import * as shared from '../prompt/templates/v2.ts'

export interface ContainerPromptRequest {
  readonly brief: ContainerBrief
  readonly evidence: string
  readonly alternatives: number
  readonly generation: GenerationSettings
  /** Texts that exist already, for a continuation. */
  readonly existing?: readonly string[]
}

/** The messages that ask for the text about a schema or database. */
export function buildContainerPrompt(request: ContainerPromptRequest): PromptMessage[] {
  const { brief, evidence, alternatives, generation, existing } = request
  const instructions = generation.instructions.trim()
  const system = [
    template.role[brief.kind],
    template.writingRules,
    shared.lengths[generation.verbosity],
    shared.dataRule,
    template.answerRule,
    ...(instructions === '' ? [] : [`${shared.instructionsHeading}\n${instructions}`]),
  ]
  const noun = brief.kind === 'Schema' ? 'schema' : 'database'
  const wanted = alternatives === 1 ? 'exactly 1 description' : `exactly ${alternatives} alternatives`
  const marked = JSON.stringify({ table: brief.path, columns: [], alternatives, wantTable: true })
  const user = [
    `<evidence>\n${evidence}\n</evidence>`,
    ...(existing === undefined ? [] : [shared.continuationRule, existingBlock(brief.path, existing)]),
    `Describe the ${noun}, with ${wanted} that say the same in different words. Answer as JSON in ${generation.verbosity.toLowerCase()} form.`,
    // A name that holds `</request>` must not end the line.
    `<request>${marked.replaceAll('<', '\\u003c')}</request>`,
  ]
  return [
    { role: 'system', content: system.join('\n\n') },
    { role: 'user', content: user.join('\n\n') },
  ]
}

function existingBlock(path: string, existing: readonly string[]): string {
  return `<existing>\n${[quotedData(path), ...existing.map((text) => `  ${quotedData(text, 2_000)}`)].join('\n')}\n</existing>`
}
