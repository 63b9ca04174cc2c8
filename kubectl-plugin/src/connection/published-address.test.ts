import { expect, test } from 'vitest'
import { type Gateway, type HttpRoute, type Ingress, ingressAddress, routeAddress } from './published-address.ts'

const metadata = { name: 'amx', namespace: 'amx-system' }

function ingress(change: { host?: string; service?: string; path?: string; tls?: readonly string[] } = {}): Ingress {
  const { host = 'amx.example.com', service = 'amx-server', path = '/', tls = ['amx.example.com'] } = change
  return {
    metadata,
    spec: {
      tls: [{ hosts: tls }],
      rules: [{ host, http: { paths: [{ path, backend: { service: { name: service } } }] } }],
    },
  }
}

test.each([
  ['of its host', ingress(), 'https://amx.example.com/'],
  ['with its path', ingress({ path: '/amx' }), 'https://amx.example.com/amx/'],
  ['with the start of a pattern', ingress({ path: '/amx(/|$)(.*)' }), 'https://amx.example.com/amx/'],
  ['of a wildcard certificate', ingress({ tls: ['*.example.com'] }), 'https://amx.example.com/'],
  ['without TLS: none', ingress({ tls: [] }), null],
  ['whose certificate is for another host: none', ingress({ tls: ['*.com'] }), null],
  ['of any host: none', ingress({ host: '*.example.com' }), null],
  ['of another Service: none', ingress({ service: 'other' }), null],
])('the address of an Ingress %s', (_, object, address) => {
  expect(ingressAddress([object], 'amx-server')).toBe(address)
})

const route: HttpRoute = {
  metadata,
  spec: {
    hostnames: ['amx.example.com'],
    parentRefs: [{ name: 'edge', namespace: 'infra' }],
    rules: [{ backendRefs: [{ name: 'amx-server' }], matches: [{ path: { value: '/amx' } }] }],
  },
}

function gateway(protocol: string, port: number, hostname?: string): Gateway {
  const listener = { name: 'l', protocol, port, ...(hostname !== undefined && { hostname }) }
  return { metadata: { name: 'edge', namespace: 'infra' }, spec: { listeners: [listener] } }
}

test.each([
  ['443', gateway('HTTPS', 443), 'https://amx.example.com/amx/'],
  ['another port', gateway('HTTPS', 8443, '*.example.com'), 'https://amx.example.com:8443/amx/'],
  ['plain HTTP: none', gateway('HTTP', 80), null],
  ['another host: none', gateway('HTTPS', 443, 'other.org'), null],
])('the address of an HTTPRoute behind a Gateway on %s', (_, object, address) => {
  expect(routeAddress([route], [object], 'amx-server')).toBe(address)
})
