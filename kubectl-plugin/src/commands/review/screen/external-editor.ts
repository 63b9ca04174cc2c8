import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ResultRow } from '@amx/api'

/** What the editor shows of the row beside its text. */
type EditedRow = Pick<ResultRow, 'path' | 'existingComment' | 'alternatives' | 'evidence'>

const scissors = '# ------------------------ >8 ------------------------'

/** Lets the reviewer write in the editor of $VISUAL or $EDITOR. Gives the text; throws an Error in words when the editor fails. */
export async function writeInEditor(
  row: EditedRow,
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  return textOfFile(await editedFile('description.txt', fileText(row, text), env))
}

/** What a file says after a person edited it in $VISUAL or $EDITOR. Throws an Error in words when the editor fails. */
export async function editedFile(
  name: string,
  content: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const windows = process.platform === 'win32'
  const editor = env['VISUAL'] || env['EDITOR'] || (windows ? 'notepad' : 'vi')
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-amx-'))
  const file = join(folder, name)
  try {
    writeFileSync(file, content, { mode: 0o600 })
    await run(editor, file, windows)
    return readFileSync(file, 'utf8')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the editor shows: the text, and below a line what there is to know about the row. */
export function fileText({ path, existingComment, alternatives, evidence }: EditedRow, text: string): string {
  const about = [
    `Description of ${path}. This line and everything below it are left out.`,
    `Now: ${existingComment ?? 'no comment'}`,
    ...alternatives.map((alternative, index) => `${index + 1}. ${alternative.text}`),
    ...evidence.split('\n'),
  ]
  return `${text}\n${scissors}\n${about.map((line) => `# ${line.replaceAll(/\r?\n/g, ' ')}`).join('\n')}\n`
}

export function textOfFile(content: string): string {
  const unified = content.replaceAll('\r\n', '\n')
  const end = unified.startsWith(scissors) ? 0 : unified.indexOf(`\n${scissors}`)
  return (end === -1 ? unified : unified.slice(0, end)).trim()
}

function run(editor: string, file: string, windows: boolean): Promise<void> {
  // The variable may hold arguments, such as `code --wait`; so a shell reads it, as it does for git.
  const child = windows
    ? spawn(`${editor} "${file}"`, { stdio: 'inherit', shell: true })
    : spawn('/bin/sh', ['-c', `${editor} "$@"`, editor, file], { stdio: 'inherit' })
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Error(`${editor} cannot be started: ${error.message}`)))
    child.once('exit', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`${editor} ended with ${signal ?? code}; the text is as it was`)),
    )
  })
}
