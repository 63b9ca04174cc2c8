import type { Command } from 'commander'
import { type CommandIO, print } from '../../command-io.ts'
import { harmless } from '../../output/paint.ts'
import { foundCandidates } from './found-candidates.ts'
import { type Candidate, type Wanted, wantedWord } from './wanted-word.ts'

// What kubectl, whose command lines are cobra's, reads at the end: complete names of files, or nothing but what was printed.
const filesDirective = ':0'
const noFilesDirective = ':4'

/** Longest a person who pressed Tab waits for cluster and server. */
const patienceMs = 1_500

/**
 * Prints what may stand where the cursor is, a line each with a tab before what it says, then what the shell is to do, as cobra
 * does. Nothing to offer, no answer in time, no right to ask: all print nothing. Never throws.
 */
export async function printCandidates(io: CommandIO, program: Command, words: readonly string[]): Promise<void> {
  const wanted = wantedWord(program, words)
  const candidates = await candidatesInTime(io, wanted)
  print(
    io,
    ...candidates.map(({ value, says }) => (says ? `${value}\t${harmless(says)}` : value)),
    wanted.kind === 'files' ? filesDirective : noFilesDirective,
  )
}

async function candidatesInTime(io: CommandIO, wanted: Wanted): Promise<readonly Candidate[]> {
  if (wanted.kind === 'words') return wanted.candidates
  if (wanted.kind === 'files') return []
  const signal = AbortSignal.any([io.signal, AbortSignal.timeout(patienceMs)])
  // Also what does not listen to the signal, such as a program that signs in, must not hold up the shell.
  const tooLate = new Promise<readonly Candidate[]>((resolve) => {
    signal.addEventListener('abort', () => resolve([]), { once: true })
  })
  return Promise.race([foundCandidates({ ...io, signal }, wanted).catch(() => []), tooLate])
}
