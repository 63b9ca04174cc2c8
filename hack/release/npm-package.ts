import { type ArchivedFile, tarball } from './archive.ts'

interface PackageOptions {
  readonly version: string
  readonly homepage: string
  readonly programs: readonly ArchivedFile[]
  readonly papers: readonly ArchivedFile[]
}

/** The npm package of the plugin, as `npm publish` and `npm install` take it: without dependencies, its programs on the PATH. */
export function npmPackage({ version, homepage, programs, papers }: PackageOptions): Promise<Buffer> {
  const manifest = {
    name: 'kubectl-amx',
    version,
    description: 'kubectl amx: document databases with a model, review, write back as comments',
    license: 'Apache-2.0',
    homepage,
    type: 'module',
    engines: { node: '>=20' },
    bin: Object.fromEntries(programs.map(({ name }) => [name.replace(/\.mjs$/, ''), name])),
    keywords: ['kubectl', 'kubectl-plugin', 'kubernetes', 'database', 'documentation', 'metadata', 'dbt'],
  }
  const files = [
    text('package.json', `${JSON.stringify(manifest, null, 2)}\n`),
    text('README.md', readme(homepage)),
    ...papers,
    ...programs,
  ]
  // npm wants everything below one folder.
  return tarball(files.map((file) => ({ ...file, name: `package/${file.name}` })))
}

function text(name: string, content: string): ArchivedFile {
  return { name, mode: 0o644, content: Buffer.from(content) }
}

function readme(homepage: string): string {
  return `# kubectl amx

Documents databases from the terminal: drafts descriptions of tables and columns with a model, lets a person decide, writes what was
agreed to back as comments. It talks to a cluster that has AMX on Kubernetes: ${homepage}

\`\`\`sh
npm install --global kubectl-amx
kubectl amx run sales --database prod-pg --llm openai --watch
kubectl amx review
\`\`\`

It needs Node.js 20 or newer. \`kubectl amx --help\` names the commands; \`kubectl amx <Tab>\` completes them where kubectl's own
completion is loaded.
`
}
