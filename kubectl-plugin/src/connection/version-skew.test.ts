import { expect, test } from 'vitest'
import { skewRemark, versionSkew } from './version-skew.ts'

test.each([
  ['0.1.0', '0.1.9', 'Same'],
  ['0.1.0', '0.2.0', 'ServerNewer'],
  ['1.0.0', '0.9.9', 'ServerOlder'],
  ['0.10.0', '0.9.0', 'ServerOlder'],
  ['v1.2.3', '1.2.0-rc.1', 'Same'],
  ['0.1.0', 'dev', 'Unknown'],
] as const)('plugin %s and server %s: %s', (client, server, skew) => {
  expect(versionSkew(client, server)).toBe(skew)
})

test('the remark says which of the two to upgrade', () => {
  expect(skewRemark('0.1.0', '0.2.0')).toMatch(/Upgrade the plugin\.$/)
  expect(skewRemark('0.2.0', '0.1.0')).toMatch(/Upgrade the server/)
  expect(skewRemark('0.1.0', '0.1.1')).toBeNull()
  expect(skewRemark('0.1.0', '\u001b[31mhm')).toBeNull()
})
