import {
  acceptedSchema,
  applyResultsSchema,
  applyResultsTakenSchema,
  assignmentSchema,
  auditPageSchema,
  callIntentSchema,
  callOutcomeSchema,
  callPermitSchema,
  catalogListSchema,
  catalogPageSchema,
  claimRequestSchema,
  claimResponseSchema,
  contextAssignmentSchema,
  contextDocumentsSchema,
  contextFailureSchema,
  contextFinishSchema,
  contextSearchRequestSchema,
  contextSearchResponseSchema,
  contextSourceSearchResultSchema,
  diagnosticsSchema,
  estimateAnswerSchema,
  estimateRequestSchema,
  failReportSchema,
  heartbeatRequestSchema,
  heartbeatResponseSchema,
  logLinesSchema,
  logPageSchema,
  newestRowsSchema,
  previewPageSchema,
  priceListSchema,
  profileTestAssignmentSchema,
  profileTestReportSchema,
  queueFacetsSchema,
  queueFilterNames,
  queuePageSchema,
  resultDetailSchema,
  resultFacetsSchema,
  resultFilterNames,
  resultGroupsSchema,
  resultPageSchema,
  runComparisonSchema,
  runDetailSchema,
  runEventSchema,
  runStatisticsSchema,
  runSummarySchema,
  serverVersionSchema,
  sessionRequestSchema,
  signInCodeSchema,
  tableProfileSchema,
  unitResultSchema,
  usageReportSchema,
  versionListSchema,
  whoAmISchema,
} from '@amx/api'
import { type TSchema, Type } from 'typebox'
import { decisionRequestSchema } from './decision-request.ts'

interface Operation {
  readonly method: 'get' | 'post' | 'delete'
  readonly path: string
  readonly summary: string
  readonly answer: TSchema
  readonly body?: TSchema
  readonly query?: readonly string[]
  readonly mediaType?: string
}

const next = Type.Union([Type.String(), Type.Null()])
const page = (row: TSchema, rows: string) => Type.Object({ [rows]: Type.Array(row), next })
const run = '/api/v1/namespaces/{namespace}/runs/{name}'
const changeFilters = ['since', 'until', 'by', 'asset', 'outcome', 'target', 'unit', 'dryRun', 'limit', 'after']

const operations: readonly Operation[] = [
  { method: 'get', path: '/api/v1/version', summary: 'Version of the server', answer: serverVersionSchema },
  { method: 'get', path: '/api/v1/whoami', summary: 'Who asks', answer: whoAmISchema },
  {
    method: 'post',
    path: '/api/v1/session/codes',
    summary: 'A one-time code that signs a browser in as the caller',
    answer: signInCodeSchema,
  },
  {
    method: 'post',
    path: '/api/v1/session',
    summary: 'Begin a session with a code; its cookie comes with the answer',
    body: sessionRequestSchema,
    answer: Type.Null(),
  },
  { method: 'delete', path: '/api/v1/session', summary: 'End the session of the cookie', answer: Type.Null() },
  {
    method: 'get',
    path: '/api/v1/diagnostics',
    summary: 'How the server and its store fare',
    answer: diagnosticsSchema,
  },
  {
    method: 'get',
    path: '/api/v1/namespaces/{namespace}/runs',
    summary: 'Runs, newest first unless sorted otherwise; phase and type take several, apart by commas',
    answer: page(runSummarySchema, 'runs'),
    query: ['limit', 'continue', 'phase', 'type', 'search', 'since', 'until', 'origin', 'sort', 'order'],
  },
  { method: 'get', path: run, summary: 'One run', answer: runSummarySchema, query: ['uid'] },
  {
    method: 'get',
    path: '/api/v1/namespaces/{namespace}/results',
    summary: 'Each asset once, as the newest run with drafts has it that has a row that matches',
    answer: newestRowsSchema,
    query: ['limit', 'after', 'database', 'within', 'state', 'applyOutcome'],
  },
  {
    method: 'get',
    path: `${run}/results`,
    summary: 'Drafts of a run, one row per asset',
    answer: resultPageSchema,
    query: ['uid', 'limit', 'after', 'sort', 'order', ...resultFilterNames],
  },
  {
    method: 'get',
    path: `${run}/results/facets`,
    summary: 'How many rows there are of each state, band, kind and so on',
    answer: resultFacetsSchema,
    query: ['uid', 'facet', 'top', ...resultFilterNames],
  },
  {
    method: 'get',
    path: `${run}/results/groups`,
    summary: 'Rows by schema, table, band, kind, or name and type of columns',
    answer: resultGroupsSchema,
    query: ['uid', 'by', 'limit', 'after', ...resultFilterNames],
  },
  {
    method: 'get',
    path: `${run}/results/{rowId}`,
    summary: 'Everything about one row',
    answer: resultDetailSchema,
    query: ['uid'],
  },
  {
    method: 'get',
    path: `${run}/results/{rowId}/versions`,
    summary: 'All versions of a row, across reruns and variations',
    answer: versionListSchema,
    query: ['uid'],
  },
  {
    method: 'get',
    path: `${run}/detail`,
    summary: 'All about a run but its rows: frozen settings, decisions, what it wrote, runs that go on from it',
    answer: runDetailSchema,
    query: ['uid'],
  },
  {
    method: 'get',
    path: `${run}/event-list`,
    summary: 'History of a run so far, a page',
    answer: page(runEventSchema, 'events'),
    query: ['uid', 'limit', 'after'],
  },
  {
    method: 'get',
    path: '/api/v1/namespaces/{namespace}/run-statistics',
    summary: 'What runs of a time made and what became of it, added up',
    answer: runStatisticsSchema,
    query: ['window', 'since', 'until', 'by'],
  },
  {
    method: 'get',
    path: '/api/v1/namespaces/{namespace}/compare',
    summary: 'Two to four runs side by side; run is given once for each, as name or name@uid',
    answer: runComparisonSchema,
    query: ['run', 'limit', 'after', 'search', 'schema', 'table', 'column', 'kind', 'only', 'by'],
  },
  {
    method: 'get',
    path: `${run}/events`,
    summary: 'History of a run, live; Last-Event-ID resumes',
    answer: runEventSchema,
    query: ['uid', 'lastEventId'],
    mediaType: 'text/event-stream',
  },
  {
    method: 'get',
    path: `${run}/logs`,
    summary: 'What the pods of a run wrote; `wait` holds the answer back until there is a line',
    answer: logPageSchema,
    query: ['uid', 'limit', 'after', 'stage', 'level', 'since', 'wait'],
  },
  {
    method: 'get',
    path: `${run}/changes`,
    summary: 'What the run wrote to the warehouse',
    answer: auditPageSchema,
    query: ['uid', ...changeFilters],
  },
  {
    method: 'get',
    path: '/api/v1/namespaces/{namespace}/changes',
    summary: 'What was written to warehouses from this namespace, the newest first',
    answer: auditPageSchema,
    query: changeFilters,
  },
  {
    method: 'get',
    path: '/api/v1/namespaces/{namespace}/queue/preview',
    summary: 'Statements that an apply of queued rows would write; nothing changes',
    answer: previewPageSchema,
    query: ['run', 'uid', 'target', 'within', 'exclude', 'asset', 'kind', 'limit', 'after'],
  },
  {
    method: 'get',
    path: '/api/v1/namespaces/{namespace}/catalog',
    summary: 'What is known of databases: as runs read them last, with the comments written since',
    answer: catalogListSchema,
    query: ['limit', 'after', 'database', 'within', 'kind'],
  },
  {
    method: 'get',
    path: '/api/v1/namespaces/{namespace}/queue',
    summary: 'Accepted texts that wait to be written',
    answer: queuePageSchema,
    query: ['limit', 'after', 'sort', 'order', ...queueFilterNames],
  },
  {
    method: 'get',
    path: '/api/v1/namespaces/{namespace}/queue/facets',
    summary: 'How many of them there are per database, state, kind and decider',
    answer: queueFacetsSchema,
    query: queueFilterNames,
  },
  {
    method: 'get',
    path: '/api/v1/namespaces/{namespace}/usage',
    summary: 'Calls, tokens and cost of a time, added up',
    answer: usageReportSchema,
    query: ['window', 'since', 'until', 'by', 'today'],
  },
  {
    method: 'get',
    path: '/api/v1/usage',
    summary: 'The same over all namespaces',
    answer: usageReportSchema,
    query: ['window', 'since', 'until', 'by', 'today'],
  },
  {
    method: 'post',
    path: '/api/v1/namespaces/{namespace}/estimate',
    summary: 'Calls, tokens and cost of a run before it runs',
    body: estimateRequestSchema,
    answer: estimateAnswerSchema,
  },
  { method: 'get', path: '/api/v1/prices', summary: 'Prices of models', answer: priceListSchema },
  {
    method: 'post',
    path: '/api/v1/namespaces/{namespace}/decisions',
    summary: 'Create a ReviewDecision as the caller',
    body: decisionRequestSchema,
    answer: Type.Object({}, { additionalProperties: true }),
  },
  {
    method: 'get',
    path: '/api/v1/namespaces/{namespace}/contextsources/{name}/search',
    summary: 'What is found in a ContextSource, as a draft would find it',
    answer: contextSourceSearchResultSchema,
    query: ['q', 'limit'],
  },
  { method: 'get', path: '/worker/v1/assignment', summary: 'What the pod is to do', answer: assignmentSchema },
  {
    method: 'post',
    path: '/worker/v1/claim',
    summary: 'Take units of work',
    body: claimRequestSchema,
    answer: claimResponseSchema,
  },
  {
    method: 'post',
    path: '/worker/v1/heartbeat',
    summary: 'Renew leases',
    body: heartbeatRequestSchema,
    answer: heartbeatResponseSchema,
  },
  {
    method: 'post',
    path: '/worker/v1/catalog',
    summary: 'Tables in scope, by page',
    body: catalogPageSchema,
    answer: acceptedSchema,
  },
  {
    method: 'post',
    path: '/worker/v1/results',
    summary: 'Result of a unit',
    body: unitResultSchema,
    answer: acceptedSchema,
  },
  {
    method: 'post',
    path: '/worker/v1/results/tables',
    summary: 'Results of several tables that were written',
    body: applyResultsSchema,
    answer: applyResultsTakenSchema,
  },
  { method: 'get', path: '/worker/v1/tables/{tableId}', summary: 'Profile of a table', answer: tableProfileSchema },
  {
    method: 'post',
    path: '/worker/v1/calls',
    summary: 'Announce a model call',
    body: callIntentSchema,
    answer: callPermitSchema,
  },
  {
    method: 'post',
    path: '/worker/v1/calls/{callId}',
    summary: 'Account for a model call',
    body: callOutcomeSchema,
    answer: acceptedSchema,
  },
  {
    method: 'post',
    path: '/worker/v1/fail',
    summary: 'Stop the run for good',
    body: failReportSchema,
    answer: acceptedSchema,
  },
  { method: 'post', path: '/worker/v1/logs', summary: 'Log lines', body: logLinesSchema, answer: acceptedSchema },
  {
    method: 'get',
    path: '/worker/v1/test/assignment',
    summary: 'What of a profile the pod is to try',
    answer: profileTestAssignmentSchema,
  },
  {
    method: 'post',
    path: '/worker/v1/test/report',
    summary: 'How the test of a profile ended',
    body: profileTestReportSchema,
    answer: acceptedSchema,
  },
  {
    method: 'get',
    path: '/worker/v1/context/assignment',
    summary: 'Which source the pod is to index',
    answer: contextAssignmentSchema,
  },
  {
    method: 'post',
    path: '/worker/v1/context/documents',
    summary: 'Documents of the new index',
    body: contextDocumentsSchema,
    answer: acceptedSchema,
  },
  {
    method: 'post',
    path: '/worker/v1/context/finish',
    summary: 'Put the new index in the place of the old one',
    body: contextFinishSchema,
    answer: acceptedSchema,
  },
  {
    method: 'post',
    path: '/worker/v1/context/fail',
    summary: 'Give the new index up',
    body: contextFailureSchema,
    answer: acceptedSchema,
  },
  {
    method: 'post',
    path: '/worker/v1/context/search',
    summary: 'Search the sources of the run',
    body: contextSearchRequestSchema,
    answer: contextSearchResponseSchema,
  },
]

/** The OpenAPI 3.1 document, made from the schemas that requests are checked against. */
export function openApiDocument(version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations) {
    const methods = paths[operation.path] ?? {}
    methods[operation.method] = describe(operation)
    paths[operation.path] = methods
  }
  return {
    openapi: '3.1.0',
    info: { title: 'AMX on Kubernetes', version },
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    security: [{ bearer: [] }],
    paths,
  }
}

function describe({ summary, path, query = [], body, answer, mediaType = 'application/json' }: Operation): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
  const parameter = (where: string) => (name: string | undefined) => ({
    name,
    in: where,
    required: where === 'path',
    schema: { type: 'string' },
  })
  return {
    summary,
    parameters: [...inPath.map(parameter('path')), ...query.map(parameter('query'))],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: {
      '200': { description: summary, content: { [mediaType]: { schema: answer } } },
      default: { description: 'A problem (RFC 9457)', content: { 'application/problem+json': {} } },
    },
  }
}
