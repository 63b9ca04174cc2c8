import { PassThrough } from 'node:stream'
import { Command } from 'commander'
import { createProgram } from '../program.ts'
import { referencePages } from './command-page.ts'

/** Name -> content of every page in docs/reference/kubectl-amx. */
export function allReferencePages(): Map<string, string> {
  return referencePages(silentProgram(), new Command('bare'))
}

/** The program, to be looked at alone: nobody reads what it writes. */
export function silentProgram(): Command {
  return createProgram({
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    interactive: { stdin: false, stdout: false },
    env: {},
    width: 100,
    now: () => new Date(0),
    signal: new AbortController().signal,
  })
}
