import { afterAll } from 'vitest'

const releases: (() => Promise<unknown>)[] = []

// Registered while the test file is collected, because it imports this module; a test or a hook that asks for something
// later has no place left to register its end.
afterAll(async () => {
  const results = await Promise.allSettled(releases.splice(0).map((release) => release()))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
})

/** Does something when all tests of this file are over. */
export function releaseAfterFile(release: () => Promise<unknown>): void {
  releases.push(release)
}
