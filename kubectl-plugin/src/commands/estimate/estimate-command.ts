import {
  type DatabaseProfile,
  type EstimateAnswer,
  type EstimateRequest,
  type LLMProfile,
  resolveSettings,
  roundedDollars,
} from '@amx/api'
import { Command } from 'commander'
import { type CommandBody, withContext } from '../../command.ts'
import { type CommandIO, print, remark } from '../../command-io.ts'
import type { Connection } from '../../connection/connection.ts'
import { collect, usageError } from '../../connection/connection-options.ts'
import { resourcePath } from '../../connection/kubernetes-client.ts'
import { formatCSV } from '../../output/csv.ts'
import { counted, toSecond } from '../../output/figures.ts'
import { type FigureFormat, figureOutputOption, isValueFormat, printValue } from '../../output/output-format.ts'
import { formatTable } from '../../output/table.ts'
import { wholeNumber } from '../../whole-number.ts'
import { type RunOptions, runManifest } from '../run/run-manifest.ts'

interface Options extends RunOptions {
  readonly tables?: string
  readonly columns?: string
  readonly headers: boolean
  readonly output: FigureFormat
}

/** `estimate [SCOPE…]`: what a run would take, before it runs. */
export function estimateCommand(io: CommandIO): Command {
  return new Command('estimate')
    .description('estimate calls, tokens and cost of a run before it runs; nothing is created or asked of a model')
    .argument('[scope...]', 'assets to document, with everything below them')
    .requiredOption(
      '-d, --database <profile>',
      'DatabaseProfile, or profile/database; can be given several times',
      collect,
    )
    .requiredOption('-l, --llm <profile>', 'LLMProfile')
    .option('--exclude <asset>', 'leave this out; can be given several times', collect)
    .option('--filter <pattern>', 'RE2 pattern the bare table name must match')
    .option('--limit <n>', 'most tables')
    .option('--missing-only', 'only assets without a comment')
    .option('--instructions <text>', 'what the drafter must know besides')
    .option('--set <field=value>', 'any field of generation, such as generation.alternatives=5', collect)
    .option('--tables <n>', 'count on so many tables instead of those that runs have read')
    .option('--columns <n>', 'count on so many columns in all, spread over --tables')
    .option('--no-headers', 'without the heads of the columns')
    .addOption(figureOutputOption())
    .action(withContext(io, body))
}

const body: CommandBody<[string[]], Options> = async ({ io, connect }, [scope], options) => {
  const tables = countedTables(options)
  const connection = await connect()
  const request = await requestOf(connection, scope, options, io.now())
  const server = await connection.server()
  const answer = await server.estimate(connection.namespace, { ...request, ...(tables !== null && { tables }) })
  if (isValueFormat(options.output)) return printValue(io, answer, options.output)
  const lines = stagesOf(answer)
  if (options.output === 'csv') {
    io.stdout.write(formatCSV([...heads, 'cost usd'], lines))
    return
  }
  const shown = lines.map(([stage, calls, input, output, cost]) => [
    stage,
    String(calls),
    String(input),
    String(output),
    cost === null ? 'unknown' : `$${roundedDollars(cost)}`,
  ])
  print(io, `${counted(answer.tables, 'table')}, ${counted(answer.columns, 'column')}`, '')
  print(io, ...formatTable([...heads, 'cost'], shown, { noHeaders: !options.headers }))
  if (answer.tables === 0) {
    remark(
      io,
      'Nothing that was ever read of the database is in this scope: is it spelt right? Or all of it has comments.',
    )
  } else remark(io, basis(answer))
}

const heads = ['stage', 'calls', 'input', 'output'] as const

function stagesOf(answer: EstimateAnswer): [string, number, number, number, string | null][] {
  const { calls, inputTokens, outputTokens, costUsd, stages } = answer
  const parts = stages.map((stage): [string, number, number, number, string | null] => [
    stage.purpose,
    stage.calls,
    stage.inputTokens,
    stage.outputTokens,
    stage.costUsd,
  ])
  return [...parts, ['total', calls, inputTokens, outputTokens, costUsd]]
}

function basis({ catalogFrom, costUsd, priceTable }: EstimateAnswer): string {
  const counts =
    catalogFrom === null
      ? 'Counted as given'
      : `Counted from the catalog as runs read it since ${toSecond(catalogFrom)}`
  if (costUsd === null) return `${counts}; the price of the model is not known: see \`kubectl amx prices\`.`
  const prices = priceTable === null ? '' : `, priced by ${priceTable === 'profile' ? 'the LLMProfile' : priceTable}`
  return `${counts}${prices}. What a run really uses is usually within a quarter of this.`
}

/** The request of a run: its settings as they would be frozen. */
async function requestOf(
  { kubernetes, namespace }: Connection,
  scope: readonly string[],
  options: RunOptions,
  now: Date,
): Promise<EstimateRequest> {
  const { spec } = runManifest(scope, options, { namespace, now })
  const names = [...new Set((spec.targets ?? []).map(({ databaseProfileRef }) => databaseProfileRef.name))]
  const [llmProfile, ...databaseProfiles] = await Promise.all([
    kubernetes.get<LLMProfile>(resourcePath('LLMProfile', namespace, options.llm)),
    ...names.map((name) => kubernetes.get<DatabaseProfile>(resourcePath('DatabaseProfile', namespace, name))),
  ])
  const settings = resolveSettings({
    run: { spec },
    databaseProfiles: databaseProfiles as DatabaseProfile[],
    llmProfile: llmProfile as LLMProfile,
    operatorVersion: 'estimate',
  })
  const { model, generation, targets } = settings
  if (model === null) throw usageError('an estimate needs a model')
  return {
    targets: targets.map(({ databaseKey, scope: selected }) => ({ databaseKey, scope: selected })),
    model: { provider: model.provider, model: model.model, price: model.price },
    generation,
  }
}

const mostCounted = 100_000

/** Tables as the command line counts them; null when it does not. */
function countedTables({ tables, columns }: Options): NonNullable<EstimateRequest['tables']> | null {
  if (tables === undefined && columns === undefined) return null
  const count = wholeNumber(tables ?? '1', '--tables', { atLeast: 0, atMost: mostCounted })
  const all = wholeNumber(columns ?? '0', '--columns', { atLeast: 0, atMost: mostCounted })
  const least = Math.floor(all / Math.max(1, count))
  return Array.from({ length: count }, (_, index) => ({
    columns: least + (index < all - least * count ? 1 : 0),
    includeTable: true,
  }))
}
