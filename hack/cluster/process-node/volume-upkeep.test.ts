import { expect, test } from 'vitest'
import { keepVolumes, type VolumeUpkeepOptions } from './volume-upkeep.ts'

/** An upkeep whose rounds are ended by the test, and the story of what it did. */
function upkeep(change: Partial<VolumeUpkeepOptions> = {}) {
  const story: string[] = []
  const rounds: PromiseWithResolvers<void>[] = []
  const kept = keepVolumes({
    write() {
      story.push('write')
      const round = Promise.withResolvers<void>()
      rounds.push(round)
      return round.promise
    },
    renewAtMs: () => undefined,
    wanted: () => true,
    written: () => story.push('written'),
    failed() {
      story.push('failed')
      return undefined
    },
    ...change,
  })
  return { kept, story, rounds }
}

test('one round at a time: what is asked for meanwhile makes one further round', async () => {
  const { kept, story, rounds } = upkeep()
  kept.refresh()
  kept.refresh()
  kept.refresh()
  expect(story).toEqual(['write'])
  rounds[0]?.resolve()
  await expect.poll(() => story).toEqual(['write', 'written', 'write'])
  rounds[1]?.resolve()
  await kept.end()
  expect(story).toEqual(['write', 'written', 'write', 'written'])
})

test('a change that comes with the end of a round is not lost', async () => {
  const { kept, story, rounds } = upkeep({
    written() {
      story.push('written')
      if (rounds.length === 1) queueMicrotask(kept.refresh)
    },
  })
  kept.refresh()
  rounds[0]?.resolve()
  await expect.poll(() => story).toEqual(['write', 'written', 'write'])
})

test('a failure is tried again when it says so', async () => {
  const { kept, story, rounds } = upkeep({
    failed() {
      story.push('failed')
      return 100
    },
  })
  kept.refresh()
  rounds[0]?.reject(new Error('no'))
  await expect.poll(() => story).toEqual(['write', 'failed', 'write'])
  rounds[1]?.resolve()
  await kept.end()
})

test('a token that is due makes a round', async () => {
  const due = [Date.now() + 100]
  const { kept, story, rounds } = upkeep({ renewAtMs: () => due.shift() })
  kept.refresh()
  rounds[0]?.resolve()
  await expect.poll(() => story).toEqual(['write', 'written', 'write'])
  rounds[1]?.resolve()
  await kept.end()
})

test('nothing is written for a pod that needs no volumes any more', async () => {
  let wanted = false
  const { kept, story, rounds } = upkeep({ wanted: () => wanted })
  kept.refresh()
  expect(story).toEqual([])
  wanted = true
  kept.refresh()
  expect(story).toEqual(['write'])
  rounds[0]?.resolve()
  await kept.end()
})
