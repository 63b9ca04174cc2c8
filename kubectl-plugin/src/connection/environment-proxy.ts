import { BlockList, isIP } from 'node:net'

/**
 * The proxy that the environment names for an address, by the rules that kubectl has from Go: `HTTPS_PROXY`, `HTTP_PROXY` and
 * `NO_PROXY`, also in small letters; this machine is never reached through one. Undefined for none. Pure.
 */
export function environmentProxy(url: URL, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const proxy = env[name] || env[name.toLowerCase()]
  if (!proxy || isDirect(url, env['NO_PROXY'] || env['no_proxy'] || '')) return undefined
  return /^[a-z0-9]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`
}

const defaultPorts: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }

function isDirect(url: URL, exceptions: string): boolean {
  const host = bare(url.hostname)
  if (host === 'localhost' || host === '::1' || /^127\./.test(host)) return true
  const port = url.port || defaultPorts[url.protocol]
  return exceptions
    .toLowerCase()
    .split(',')
    .map((entry) => entry.trim())
    .some((entry) => {
      if (entry === '*') return true
      if (entry.includes('/')) return isWithin(host, entry)
      const [, name = '', only] = /^(\[.*\]|[^:]*|[^:]*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? []
      return (only === undefined || only === port) && isNamed(host, bare(name))
    })
}

/** `example.com` is itself and everything below it, `.example.com` only what is below it, an address itself. */
function isNamed(host: string, name: string): boolean {
  if (name === '') return false
  if (isIP(host) !== 0) return host === name
  return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`)
}

/** Whether an address is in a block such as `10.0.0.0/8`. */
function isWithin(host: string, block: string): boolean {
  const [network = '', length = ''] = block.split('/')
  const family = isIP(network)
  if (family === 0 || family !== isIP(host) || !/^\d{1,3}$/.test(length)) return false
  const type = family === 4 ? 'ipv4' : 'ipv6'
  if (Number(length) > (family === 4 ? 32 : 128)) return false
  const blocks = new BlockList()
  blocks.addSubnet(network, Number(length), type)
  return blocks.check(host, type)
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1')
}
