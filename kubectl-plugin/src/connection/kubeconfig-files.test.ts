import { expect, test } from 'vitest'
import { type KubeconfigPlaces, kubeconfigFiles } from './kubeconfig-files.ts'

const cases: readonly [string, KubeconfigPlaces, readonly string[], boolean][] = [
  ['the flag wins', { flag: '/a', env: { KUBECONFIG: '/b', HOME: '/h' }, platform: 'linux' }, ['/a'], true],
  ['one file of the variable', { env: { KUBECONFIG: '/b' }, platform: 'linux' }, ['/b'], true],
  ['several files', { env: { KUBECONFIG: '/b::/c' }, platform: 'darwin' }, ['/b', '/c'], false],
  ['the usual file', { env: { HOME: '/Users/jo' }, platform: 'darwin' }, ['/Users/jo/.kube/config'], false],
  ['a home that the shell left', { env: { KUBECONFIG: '~/c', HOME: '/h' }, platform: 'linux' }, ['/h/c'], true],
  ['no home', { env: {}, platform: 'linux' }, [], false],
  [
    'a colon in a name of Windows',
    { env: { KUBECONFIG: 'C:\\k;D:\\l' }, platform: 'win32' },
    ['C:\\k', 'D:\\l'],
    false,
  ],
  [
    'a variable of Windows that nobody expanded',
    { env: { KUBECONFIG: '%USERPROFILE%\\k', UserProfile: 'C:\\Users\\jo' }, platform: 'win32' },
    ['C:\\Users\\jo\\k'],
    true,
  ],
  [
    'quotes around a name with spaces',
    { env: { KUBECONFIG: '"C:\\My Files\\k"' }, platform: 'win32' },
    ['C:\\My Files\\k'],
    true,
  ],
  [
    'the usual file of Windows',
    { env: { USERPROFILE: 'C:\\Users\\jo', HOME: '/h' }, platform: 'win32' },
    ['C:\\Users\\jo\\.kube\\config'],
    false,
  ],
  [
    'drive and path of Windows',
    { env: { HOMEDRIVE: 'H:', HOMEPATH: '\\jo' }, platform: 'win32' },
    ['H:\\jo\\.kube\\config'],
    false,
  ],
]

test.each(cases)('%s', (_, places, paths, required) => {
  expect(kubeconfigFiles(places)).toEqual({ paths, required })
})
