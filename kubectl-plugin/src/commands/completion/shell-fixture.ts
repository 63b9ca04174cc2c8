import { setTimeout as delay } from 'node:timers/promises'
import { type IPty, spawn } from '@lydell/node-pty'

const prompt = 'ready> '

const starts = {
  bash: { words: ['--norc', '--noprofile', '-i'], setUp: (script: string) => `PS1='${prompt}'; source '${script}'` },
  zsh: {
    words: ['-f', '-i'],
    setUp: (script: string) => `PS1='${prompt}'; autoload -Uz compinit; compinit -u -D; source '${script}'`,
  },
  fish: {
    words: ['--no-config', '--private', '-i'],
    setUp: (script: string) => `function fish_prompt; printf '${prompt}'; end; source '${script}'`,
  },
} as const

/** A shell on a terminal of its own, as a person has it. */
export interface TypedShell {
  /** Types keys at a prompt and waits for the next prompt. Throws after 20 s without one. */
  type(keys: string): Promise<void>
  stop(): Promise<void>
}

/** Starts a real shell that has loaded a completion script; for tests. Throws when the system has no such shell. */
export async function startShell(
  shell: keyof typeof starts,
  script: string,
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): Promise<TypedShell> {
  const { words, setUp } = starts[shell]
  const env = { ...options.env, TERM: 'xterm', HOME: options.cwd, SHELL: '/bin/sh', LC_ALL: 'C.UTF-8' }
  const terminal = spawn(shell, [...words], { cwd: options.cwd, env, cols: 120, rows: 30 })
  const screen = watchScreen(terminal)
  const type = async (keys: string) => {
    const from = screen.length()
    terminal.write(keys)
    await screen.shows(prompt, from)
  }
  await screen.shows(/./, 0).catch((error: Error) => {
    throw new Error(`${shell} does not start; install the package ${shell}: ${error.message}`)
  })
  // Twice: the first prompt may be the shell's own, and its line repeats the text of ours.
  await type(`${setUp(script)}\r`)
  await type('true\r')
  return {
    type,
    async stop() {
      terminal.kill('SIGKILL')
      await screen.ended
    },
  }
}

function watchScreen(terminal: IPty) {
  let seen = ''
  let closed = false
  terminal.onData((text) => {
    seen += text
  })
  const ended = new Promise<void>((done) => {
    terminal.onExit(() => {
      closed = true
      done()
    })
  })
  return {
    ended,
    length: () => seen.length,
    async shows(wanted: string | RegExp, from: number) {
      const giveUpAt = Date.now() + 20_000
      const there = () =>
        typeof wanted === 'string' ? seen.slice(from).includes(wanted) : wanted.test(seen.slice(from))
      while (!there()) {
        if (closed || Date.now() > giveUpAt) throw new Error(`no ${wanted} in ${JSON.stringify(seen.slice(from))}`)
        await delay(20)
      }
    },
  }
}
