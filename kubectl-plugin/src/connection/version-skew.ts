/** How the server's version stands to the plugin's. */
export type VersionSkew = 'Same' | 'ServerOlder' | 'ServerNewer' | 'Unknown'

/** Compares major and minor: a patch changes no format. */
export function versionSkew(client: string, server: string): VersionSkew {
  const own = numbers(client)
  const other = numbers(server)
  if (own === null || other === null) return 'Unknown'
  const difference = other.major - own.major || other.minor - own.minor
  if (difference === 0) return 'Same'
  return difference < 0 ? 'ServerOlder' : 'ServerNewer'
}

/** What to say about it; null when there is nothing to say. */
export function skewRemark(client: string, server: string): string | null {
  switch (versionSkew(client, server)) {
    case 'ServerOlder':
      return `note: the server has version ${server} and this plugin ${client}: what is new in the plugin may be refused. Upgrade the server, or use the plugin of its version.`
    case 'ServerNewer':
      return `note: the server has version ${server} and this plugin ${client}: some of its answers may not be shown in full. Upgrade the plugin.`
    default:
      return null
  }
}

function numbers(version: string): { major: number; minor: number } | null {
  const match = /^v?(\d+)\.(\d+)\./.exec(version)
  return match === null ? null : { major: Number(match[1]), minor: Number(match[2]) }
}
