import { catalogue, type RetryClass } from '@amx/api'

const meanings: Record<RetryClass, string> = {
  Retry: ' It is tried again by itself.',
  AfterFix: '',
  Never: ' It is not tried again.',
}

const families = [
  { prefix: 'AMX-1', title: 'What was asked for' },
  { prefix: 'AMX-2', title: 'The warehouse' },
  { prefix: 'AMX-3', title: 'The model' },
  { prefix: 'AMX-4', title: 'The cluster' },
  { prefix: 'AMX-5', title: 'Context sources' },
  { prefix: 'AMX-9', title: 'AMX itself' },
]

/** The page of all error codes: what each says, what to do, and whether it is tried again. */
export function errorsPage(): string {
  const sections = families.map(({ prefix, title }) => {
    const entries = Object.entries(catalogue).filter(([code]) => code.startsWith(prefix))
    const blocks = entries.map(
      ([code, entry]) =>
        `### ${code} ${entry.reason}\n\n> ${placeholders(entry.message)}\n\n${placeholders(entry.remedy)}${meanings[entry.retry]}\n`,
    )
    return `## ${title}\n\n${blocks.join('\n')}`
  })
  return `# Error codes\n\nEvery message of AMX carries one of these codes: in a condition and \`lastError\` of a run, in a problem document of the\nserver, in what \`kubectl amx\` prints. The condition's reason is the name beside the code.\n\n${sections.join('\n')}`
}

function placeholders(text: string): string {
  return text.replaceAll(/\{(\w+)\}/g, '*$1*').replace(/\.?$/, '.')
}
