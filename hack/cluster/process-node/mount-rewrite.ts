/** A path inside a container and the folder or file of this machine that stands for it. */
export interface Mount {
  mountPath: string
  hostPath: string
}

/**
 * A function that replaces every occurrence of a mounted path in a text by the path on this machine. The longest mounted
 * path wins; only whole path segments count (`/etc/amx` is neither in `/etc/amx-2` nor in `/opt/etc/amx`).
 */
export function mountRewriter(mounts: readonly Mount[]): (text: string) => string {
  const targets = new Map<string, string>()
  for (const { mountPath, hostPath } of mounts) targets.set(withoutTrailingSlash(mountPath), hostPath)
  targets.delete('')
  const paths = [...targets.keys()].sort((a, b) => b.length - a.length)
  if (paths.length === 0) return (text) => text
  const pattern = new RegExp(`(?<![\\w.\\-/])(?:${paths.map(escapePattern).join('|')})(?![\\w.\\-])`, 'g')
  return (text) => text.replaceAll(pattern, (path) => targets.get(path) ?? path)
}

function withoutTrailingSlash(path: string): string {
  return path.replace(/\/+$/, '')
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
