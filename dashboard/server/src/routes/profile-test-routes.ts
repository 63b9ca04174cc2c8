import { AmxError, listedPrice, type PriceTable, type ProfileTestAssignment, profileTestReportSchema } from '@amx/api'
import type { ServerStore, TesterIdentity } from '@amx/store'
import { Router } from 'express'
import { answering, type PodHandler } from '../http/answering.ts'
import { knownError } from '../http/known-error.ts'
import { validator } from '../http/validate.ts'

export interface ProfileTestRouteOptions {
  readonly store: () => ServerStore
  readonly authenticate: (token: string | null) => Promise<TesterIdentity>
  readonly prices: () => PriceTable
  readonly stopping: AbortSignal
}

const check = validator(profileTestReportSchema)

/** `/worker/v1/test`: a test pod asks what to try, for the profile its Job is of, and reports what it found. */
export function profileTestRoutes({ store, authenticate, prices, stopping }: ProfileTestRouteOptions): Router {
  const router = Router()
  const asTester = (handler: PodHandler<TesterIdentity>) => answering(authenticate, handler, stopping)

  router.get(
    '/assignment',
    asTester(async (tester, _request, signal) => {
      const assignment = await store().readProfileTest(tester, signal)
      if (assignment === null)
        throw new AmxError('AMX-1009', { problem: 'this test was ended or replaced by a newer one' })
      return priced(assignment, prices())
    }),
  )
  router.post(
    '/report',
    asTester((tester, request, signal) => {
      const { finding, error, calls } = check(request.body)
      if ((finding === null) === (error === null))
        throw new AmxError('AMX-1014', { problem: 'a test ends with a finding or with an error' })
      if (finding !== null && finding.part !== tester.part)
        throw new AmxError('AMX-1014', { problem: `/finding/part: this pod tests the part ${tester.part}` })
      const report = { finding, error: error === null ? null : knownError(error), calls }
      return store().recordProfileTest(tester, report, signal)
    }),
  )
  return router
}

/** The model with what the price table lists for it now. */
function priced(assignment: ProfileTestAssignment, prices: PriceTable): ProfileTestAssignment {
  const { settings } = assignment
  if (settings.part !== 'Model') return assignment
  const { model } = settings
  const listed = listedPrice(prices, model.provider, model.model)
  return { ...assignment, settings: { ...settings, model: { ...model, listed } } }
}
