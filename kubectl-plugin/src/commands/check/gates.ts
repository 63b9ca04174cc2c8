import { usageError } from '../../connection/connection-options.ts'
import { type Coverage, type CoverageBase, percent, shareOf } from '../../results/coverage.ts'

export interface GateOptions {
  readonly minCoverage?: string
  /** Another name of `minCoverage`. */
  readonly minimum?: string
  readonly counting: CoverageBase
  readonly maxLow?: string
  readonly maxUnreviewed?: string
  readonly maxFailed?: string
}

/** One threshold and how the figures stand against it. */
export interface Gate {
  readonly name: 'coverage' | 'low' | 'unreviewed' | 'failed'
  readonly passed: boolean
  readonly value: number
  readonly limit: number
  readonly words: string
}

/** Coverage is below its threshold. */
export const exitUncovered = 8
/** Coverage is enough, and another threshold is not kept. */
export const exitDoubtful = 9

/** The thresholds that were asked for; coverage of 1 when none was. Throws AMX-1014 for a threshold that is none. */
export function gatesOf(coverage: Coverage, options: GateOptions): Gate[] {
  const given = options.minCoverage ?? options.minimum
  const none = [given, options.maxLow, options.maxUnreviewed, options.maxFailed].every((value) => value === undefined)
  const minimum = given ?? (none ? '1' : undefined)
  const gates = (['low', 'unreviewed', 'failed'] as const).flatMap((name): Gate[] => {
    const flag = { low: 'maxLow', unreviewed: 'maxUnreviewed', failed: 'maxFailed' } as const
    const text = options[flag[name]]
    if (text === undefined) return []
    const limit = wholeNumber(text, `--max-${name}`)
    const value = coverage[name]
    return [{ name, passed: value <= limit, value, limit, words: `${value} ${name}, at most ${limit}` }]
  })
  if (minimum === undefined) return gates
  const limit = share(minimum)
  const value = shareOf(coverage, options.counting)
  const counted = `${coverage[options.counting]} of ${coverage.assets} ${options.counting}`
  const words = `${percent(value)} (${counted}), at least ${percent(limit)}`
  // 0.9 of 10 assets is 9 of them, also where 9 / 10 is a little less to a machine.
  const passed = coverage[options.counting] >= limit * coverage.assets - 1e-9
  return [{ name: 'coverage', passed, value, limit, words }, ...gates]
}

/** Exit code of a check: 0 when every threshold is kept. */
export function exitCodeOf(gates: readonly Gate[]): number {
  const failed = gates.filter(({ passed }) => !passed)
  if (failed.length === 0) return 0
  return failed.some(({ name }) => name === 'coverage') ? exitUncovered : exitDoubtful
}

/** `0.9` or `90%` as 0.9. */
function share(text: string): number {
  const [, digits, sign] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? []
  const value = Number(digits) / (sign === '%' ? 100 : 1)
  if (value >= 0 && value <= 1) return value
  throw usageError(`"${text}" is no share of coverage: write one such as 0.9 or 90%`)
}

function wholeNumber(text: string, flag: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw usageError(`${flag} ${text}: write a whole number`)
}
