import { execFile } from 'node:child_process'
import { checkoutDir } from '../folders.ts'
import type { Command } from './kind-commands.ts'

/**
 * Runs a command in the checkout and gives its standard output. Throws with everything it printed when it fails, and when
 * it takes longer than `timeoutMs`.
 */
export function runToEnd({ command, args, env }: Command, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      cwd: checkoutDir,
      env: { ...process.env, ...env },
      timeout: timeoutMs,
      maxBuffer: 64 * 1024 * 1024,
    }
    execFile(command, [...args], options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout)
      const how = error.killed === true ? `took longer than ${timeoutMs / 1000} s` : 'failed'
      const said = `${stdout}${stderr}`.trim() || error.message
      reject(new Error(`${command} ${args.join(' ')} ${how}:\n${said}`))
    })
  })
}
