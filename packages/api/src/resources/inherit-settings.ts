import { AmxError } from '../errors/amx-error.ts'
import type { GenerationSettings, ModelSettings, RunSettings, TargetSettings } from '../wire/settings.ts'
import { type GenerationSpec, reasoningEfforts } from './generation.ts'
import type { RunTarget } from './metadata-run.ts'

/** A run that another goes on from, with the settings it worked by. */
export interface SettingsSource {
  readonly uid: string
  readonly name: string
  readonly settings: RunSettings
}

/** Most characters the instructions of a run and of all it goes on from may have together. */
export const instructionsLimit = 16_000

/**
 * What a run that goes on from another says about generation, as if all of it stood in its spec: its own fields over those of
 * its source, its instructions after the source's. Equal columns are drafted once only where the run itself says so. Throws
 * AMX-1001 when the instructions got too long.
 */
export function inheritGeneration(own: GenerationSpec, source: GenerationSettings): GenerationSpec {
  const { bands, temperature, reasoning, instructions, styleTable, deduplicate: _, ...same } = source
  const effort = reasoningEfforts.find((known) => known === reasoning.effort)
  const inherited: GenerationSpec = {
    ...same,
    bands: { high: String(bands.high), medium: String(bands.medium) },
    temperature: String(temperature),
    reasoning: { ...(effort !== undefined && { effort }), budgetTokens: reasoning.budgetTokens },
    ...(styleTable !== undefined && { style: { like: styleTable } }),
  }
  return {
    ...inherited,
    ...own,
    bands: { ...inherited.bands, ...own.bands },
    reasoning: { ...inherited.reasoning, ...own.reasoning },
    instructions: joinedInstructions(instructions, own.instructions ?? ''),
  }
}

function joinedInstructions(...parts: readonly string[]): string {
  const joined = parts
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .join('\n\n')
  if (joined.length <= instructionsLimit) return joined
  throw new AmxError('AMX-1001', {
    field: 'spec.generation.instructions',
    problem: `with those of the runs before they have ${joined.length} characters; the limit is ${instructionsLimit}`,
  })
}

/** The targets of a run as they would stand in a spec; what they cover comes with the rows. */
export function targetsOf(settings: Pick<RunSettings, 'targets'>): RunTarget[] {
  return settings.targets.map(({ profileName, postgresql }) => ({
    databaseProfileRef: { name: profileName },
    ...(postgresql !== null && { database: postgresql.database }),
  }))
}

/** A target by the source's way of profiling, through today's connection and under today's privacy. */
export function inheritTarget(target: TargetSettings, source: TargetSettings | undefined): TargetSettings {
  if (source === undefined) return target
  const { connections, statementTimeoutMs } = target.profiling
  return {
    ...target,
    scope: source.scope,
    profiling: { ...source.profiling, connections, statementTimeoutMs },
  }
}

/** The source's model where its LLMProfile still leads to the same server. */
export function inheritModel(model: ModelSettings, source: ModelSettings | null): ModelSettings {
  const same =
    source !== null &&
    source.profileName === model.profileName &&
    source.provider === model.provider &&
    source.baseURL === model.baseURL
  return same ? { ...model, model: source.model } : model
}
