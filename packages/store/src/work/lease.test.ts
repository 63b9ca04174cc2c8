import { expect, test } from 'vitest'
import { backOffMs } from './lease.ts'
import { profileOptionsDigest } from './profile-options.ts'

test('the pause after a failure doubles from one second to thirty', () => {
  expect([1, 2, 3, 4, 5, 6, 20].map(backOffMs)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
})

test('what a profile holds decides its digest, how fast it was made does not', () => {
  const profiling = { mode: 'Sampled', sampleRows: 5000, maximumRows: 1_000_000, exactDistinct: false }
  const privacy = { samples: 'Masked', excludeColumns: [] }
  const digest = profileOptionsDigest({ profiling, privacy })
  const faster = { ...profiling, connections: 8, statementTimeoutMs: 5 }
  expect(profileOptionsDigest({ profiling: faster, privacy })).toBe(digest)
  expect(profileOptionsDigest({ profiling, privacy: { ...privacy, samples: 'Raw' } })).not.toBe(digest)
  expect(profileOptionsDigest({ profiling: { ...profiling, sampleRows: 1 }, privacy })).not.toBe(digest)
})
