import { expect, test } from 'vitest'
import { mountRewriter } from './mount-rewrite.ts'

const rewrite = mountRewriter([
  { mountPath: '/etc/amx', hostPath: '/pod/config' },
  { mountPath: '/etc/amx/tls/', hostPath: '/pod/tls' },
  { mountPath: '/dev/termination-log', hostPath: '/pod/message' },
])

test.each([
  ['/etc/amx', '/pod/config'],
  ['/etc/amx/', '/pod/config/'],
  ['/etc/amx/file.json', '/pod/config/file.json'],
  ['/etc/amx/tls/ca.crt', '/pod/tls/ca.crt'],
  ['--config=/etc/amx/a', '--config=/pod/config/a'],
  ['/etc/amx:/etc/amx/tls', '/pod/config:/pod/tls'],
  ['file:/etc/amx/a', 'file:/pod/config/a'],
  ['echo done > /dev/termination-log', 'echo done > /pod/message'],
  ['cat "/etc/amx/a"', 'cat "/pod/config/a"'],
  ['/etc/amx-2/a', '/etc/amx-2/a'],
  ['/etc/amx.d', '/etc/amx.d'],
  ['/etc/amxtra', '/etc/amxtra'],
  ['/opt/etc/amx', '/opt/etc/amx'],
  ['https://host/etc/amx', 'https://host/etc/amx'],
  ['nothing', 'nothing'],
])('%s becomes %s', (text, expected) => {
  expect(rewrite(text)).toBe(expected)
})

test('without mounts nothing changes', () => {
  expect(mountRewriter([])('/etc/amx')).toBe('/etc/amx')
})
