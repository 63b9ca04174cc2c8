import { contextKinds, parseAssetPath } from '@amx/api'
import { createRanker, readLabelledChunks, readLabelledQuestions } from '@amx/hack/retrieval'
import { expect, test } from 'vitest'
import { evidenceSubject } from '../confidence/evidence-subject.ts'
import { foundChunk } from '../testing/context-fixture.ts'
import { askedSubject, readChunk, relevanceFloor, relevanceOf } from './relevance.ts'

/** Shares of answers and of other chunks among the first five found for each labelled question that are shown to an agent. */
async function keptShares() {
  const kept: Record<'answers' | 'others', boolean[]> = { answers: [], others: [] }
  for (const kind of contextKinds) {
    const rank = createRanker(await readLabelledChunks(kind, AbortSignal.timeout(60_000)))
    for (const { asset, profile, query, isAnswer } of readLabelledQuestions().filter((one) => one.kind === kind)) {
      const asked = askedSubject(evidenceSubject(profile, parseAssetPath(asset).at(-1) ?? asset))
      for (const chunk of rank(query, 'fused and diversified').slice(0, 5)) {
        const { path, title, text } = chunk
        const shown = relevanceOf(asked, readChunk(foundChunk(text, { path, title, kind }))) >= relevanceFloor
        kept[isAnswer(chunk) ? 'answers' : 'others'].push(shown)
      }
    }
  }
  const share = (all: readonly boolean[]) => all.filter((shown) => shown).length / all.length
  return { answers: share(kept.answers), others: share(kept.others) }
}

test('what answers a labelled question is shown to an agent, and most of what was found beside it is not', async () => {
  const { answers, others } = await keptShares()
  expect(answers).toBeGreaterThanOrEqual(0.85)
  expect(others).toBeLessThanOrEqual(0.2)
})
