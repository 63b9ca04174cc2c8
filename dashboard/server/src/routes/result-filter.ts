import { AmxError, type QueueFilter, queueStates, type ResultFilter, resultListFilters } from '@amx/api'
import type { Request } from 'express'
import { queryText } from '../http/query.ts'
import { queryChoices, queryFlag, queryNumber, queryTexts } from '../http/query-lists.ts'
import { given } from './permitted.ts'

/** Which rows of a run a query asks for. Throws AMX-1014. */
export function resultFilterOf(request: Request): ResultFilter {
  const { status, state, band, kind, source, applyOutcome } = resultListFilters
  const score = { least: 0, most: 1 }
  return {
    ...given('status', queryChoices(request, 'status', status)),
    ...given('state', queryChoices(request, 'state', state)),
    ...given('band', queryChoices(request, 'band', band)),
    ...given('kind', queryChoices(request, 'kind', kind)),
    ...given('source', queryChoices(request, 'source', source)),
    ...given('applyOutcome', queryChoices(request, 'applyOutcome', applyOutcome)),
    ...given('target', queryTexts(request, 'target')),
    ...given('schema', queryTexts(request, 'schema')),
    ...given('table', queryTexts(request, 'table')),
    ...given('columnName', queryTexts(request, 'columnName')),
    ...given('dataType', queryTexts(request, 'dataType')),
    ...given('version', queryTexts(request, 'version')?.map(wholeNumber)),
    ...given('search', queryText(request, 'search')),
    ...given('path', queryText(request, 'path')),
    ...given('minimumScore', queryNumber(request, 'minimumScore', score)),
    ...given('maximumScore', queryNumber(request, 'maximumScore', score)),
    ...given('hasCitations', queryFlag(request, 'hasCitations')),
    ...given('hasComment', queryFlag(request, 'hasComment')),
    ...given('hasWarnings', queryFlag(request, 'hasWarnings')),
  }
}

/** Which entries of the queue a query asks for. Throws AMX-1014. */
export function queueFilterOf(request: Request): QueueFilter {
  return {
    ...given('runUid', queryText(request, 'runUid')),
    ...given('target', queryTexts(request, 'target')),
    ...given('state', queryChoices(request, 'state', queueStates)),
    ...given('kind', queryChoices(request, 'kind', resultListFilters.kind)),
    ...given('schema', queryTexts(request, 'schema')),
    ...given('table', queryTexts(request, 'table')),
    ...given('decidedBy', queryTexts(request, 'decidedBy')),
    ...given('search', queryText(request, 'search')),
  }
}

function wholeNumber(text: string): number {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text)
  throw new AmxError('AMX-1014', { problem: 'query parameter "version" must be a whole number' })
}
