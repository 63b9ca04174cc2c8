export interface ClaudeVersion {
  /** `opus`, `sonnet`, `haiku`, `fable`, … */
  readonly family: string
  /** 4.5 for `claude-sonnet-4-5`; the minor version is one digit in every name there is. */
  readonly number: number
}

/** The family and version a Claude model's name tells, in the old order or the new; null when it tells none. */
export function claudeVersion(model: string): ClaudeVersion | null {
  // A date of eight digits, or a router's dots for hyphens, is no part of the version.
  const name = model
    .toLowerCase()
    .replaceAll('.', '-')
    .replace(/[-@]\d{8}.*$/, '')
  const found =
    /claude-(?<family>[a-z]+)-(?<major>\d)(?:-(?<minor>\d))?(?!\d)/.exec(name) ??
    /claude-(?<major>\d)(?:-(?<minor>\d))?-(?<family>[a-z]+)/.exec(name)
  const { family, major, minor } = found?.groups ?? {}
  return family === undefined || major === undefined ? null : { family, number: Number(`${major}.${minor ?? '0'}`) }
}
