interface Platform {
  readonly os: 'linux' | 'darwin' | 'windows'
  readonly arch: 'amd64' | 'arm64'
  /** File name of the archive. */
  readonly name: string
  readonly sha256: string
  /** What krew links as kubectl-amx. */
  readonly bin: string
}

/** The manifest by which krew, kubectl's plugin manager, finds and installs the plugin. Pure. */
export function krewManifest({
  version,
  baseUrl,
  homepage,
  platforms,
}: {
  readonly version: string
  readonly baseUrl: string
  readonly homepage: string
  readonly platforms: readonly Platform[]
}) {
  return {
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'amx' },
    spec: {
      version: `v${version}`,
      homepage,
      shortDescription: 'Document databases, review, write comments',
      description: `Drafts descriptions of tables and columns with a model, lets a person review them
at the terminal, and writes what was agreed to back to the database as comments.
Talks to a cluster on which AMX on Kubernetes is installed.
`,
      caveats: `Needs Node.js 20 or newer on the PATH.
For completion after "kubectl amx", link kubectl_complete-amx.mjs of the plugin's
folder as kubectl_complete-amx into a folder of your PATH.
`,
      platforms: platforms.map(({ os, arch, name, sha256, bin }) => ({
        selector: { matchLabels: { os, arch } },
        uri: `${baseUrl.replace(/\/$/, '')}/${name}`,
        sha256,
        bin,
      })),
    },
  }
}
