import { expect, test } from 'vitest'
import { environmentProxy } from './environment-proxy.ts'

const proxied = 'http://proxy:3128'

test.each<[string, Record<string, string>, string | undefined]>([
  ['https://k8s.example.com', {}, undefined],
  ['https://k8s.example.com', { HTTPS_PROXY: proxied }, proxied],
  ['https://k8s.example.com', { https_proxy: 'proxy:3128' }, proxied],
  ['https://k8s.example.com', { HTTP_PROXY: proxied }, undefined],
  ['http://amx.example.com', { HTTP_PROXY: proxied }, proxied],
  ['https://localhost:6443', { HTTPS_PROXY: proxied }, undefined],
  ['https://127.0.0.1:6443', { HTTPS_PROXY: proxied }, undefined],
  ['https://[::1]:6443', { HTTPS_PROXY: proxied }, undefined],
  ['https://k8s.example.com', { HTTPS_PROXY: proxied, NO_PROXY: '*' }, undefined],
  ['https://k8s.example.com', { HTTPS_PROXY: proxied, NO_PROXY: 'other.org, example.com' }, undefined],
  ['https://k8s.example.com', { HTTPS_PROXY: proxied, no_proxy: '.example.com' }, undefined],
  ['https://example.com', { HTTPS_PROXY: proxied, NO_PROXY: '.example.com' }, proxied],
  ['https://badexample.com', { HTTPS_PROXY: proxied, NO_PROXY: 'example.com' }, proxied],
  ['https://k8s.example.com:6443', { HTTPS_PROXY: proxied, NO_PROXY: 'example.com:6443' }, undefined],
  ['https://k8s.example.com', { HTTPS_PROXY: proxied, NO_PROXY: 'example.com:6443' }, proxied],
  ['https://10.1.2.3:6443', { HTTPS_PROXY: proxied, NO_PROXY: '10.0.0.0/8' }, undefined],
  ['https://11.1.2.3:6443', { HTTPS_PROXY: proxied, NO_PROXY: '10.0.0.0/8,10.0.0.0/99,x/8' }, proxied],
  ['https://10.1.2.3:6443', { HTTPS_PROXY: proxied, NO_PROXY: '10.1.2.3' }, undefined],
  ['https://[fd00::5]:6443', { HTTPS_PROXY: proxied, NO_PROXY: 'fd00::/8' }, undefined],
  ['https://[fd00::5]:6443', { HTTPS_PROXY: proxied, NO_PROXY: '[fd00::5]:6443' }, undefined],
])('%s with %j goes through %s', (url, env, expected) => {
  expect(environmentProxy(new URL(url), env)).toBe(expected)
})
