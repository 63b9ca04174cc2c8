import { PassThrough } from 'node:stream'
import { Command } from 'commander'
import { createProgram } from '../program.ts'
import { referencePages } from './command-page.ts'

/** Name -> content of every page in docs/reference/kubectl-amx. */
export function allReferencePages(): Map<string, string> {
  const program = createProgram({
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    interactive: { stdin: false, stdout: false },
    env: {},
    width: 100,
    now: () => new Date(0),
    signal: new AbortController().signal,
  })
  return referencePages(program, new Command('bare'))
}
