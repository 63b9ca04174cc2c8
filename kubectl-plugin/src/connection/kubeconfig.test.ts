import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { mergeKubeconfigs } from './kubeconfig.ts'

const first = {
  path: '/home/jo/.kube/first',
  content: {
    clusters: [{ name: 'c', cluster: { server: 'https://first', 'certificate-authority': 'ca.crt' } }],
    users: [{ name: 'u', user: { tokenFile: 'token', exec: { command: './sign-in', args: ['x'] } } }],
    contexts: null,
  },
}
const second = {
  path: '/etc/second',
  content: {
    'current-context': 'x',
    clusters: [
      { name: 'c', cluster: { server: 'https://second' } },
      { name: 'd', cluster: { server: 'https://d' } },
    ],
    users: [{ name: 'v', user: { exec: { command: 'aws' } } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'n' } }],
  },
}

test('of every name the first file counts, and the current context of the first that has one', () => {
  const merged = mergeKubeconfigs([first, second])
  expect(merged.currentContext).toBe('x')
  expect([...merged.clusters.keys()]).toEqual(['c', 'd'])
  expect(merged.clusters.get('c')?.server).toBe('https://first')
  expect(merged.contexts.get('x')).toEqual({ cluster: 'c', user: 'u', namespace: 'n' })
})

test('files are beside the kubeconfig that names them; a bare command is on the PATH', () => {
  const { clusters, users } = mergeKubeconfigs([first, second])
  expect(clusters.get('c')?.['certificate-authority']).toBe(resolve('/home/jo/.kube/ca.crt'))
  expect(users.get('u')).toMatchObject({ tokenFile: resolve('/home/jo/.kube/token') })
  expect(users.get('u')?.exec?.command).toBe(resolve('/home/jo/.kube/sign-in'))
  expect(users.get('v')?.exec?.command).toBe('aws')
})

test('an empty file adds nothing, and a text is no kubeconfig', () => {
  expect(mergeKubeconfigs([{ path: '/a', content: null }]).clusters.size).toBe(0)
  expect(() => mergeKubeconfigs([{ path: '/a', content: 'hello' }])).toThrow('/a is no kubeconfig')
})
