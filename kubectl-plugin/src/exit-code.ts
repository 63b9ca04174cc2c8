/** Ends a command that did its work, and whose answer is no, with an exit code of its own. What there is to say is printed before. */
export class ExitCode extends Error {
  override readonly name = 'ExitCode'
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`exit code ${exitCode}`)
    this.exitCode = exitCode
  }
}
