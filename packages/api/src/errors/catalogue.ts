/** Whether trying the same thing again can help: by itself after a while, only after a person changed something, or never. */
export type RetryClass = 'Retry' | 'AfterFix' | 'Never'

export interface CatalogueEntry {
  /** Condition reason and short name, CamelCase. */
  readonly reason: string
  /** Message with `{fact}` placeholders. */
  readonly message: string
  /** What a person can do about it, in the imperative. */
  readonly remedy: string
  readonly retry: RetryClass
  readonly httpStatus: number
  /** Exit code of `kubectl amx`: 1 error, 2 usage, 3 not found, 4 forbidden, 5 waited too long, 6 run failed, 7 conflict. */
  readonly exitCode: 1 | 2 | 3 | 4 | 5 | 6 | 7
}

function entry(
  reason: string,
  message: string,
  remedy: string,
  options: Partial<Pick<CatalogueEntry, 'retry' | 'httpStatus' | 'exitCode'>> = {},
): CatalogueEntry {
  return { reason, message, remedy, retry: 'AfterFix', httpStatus: 400, exitCode: 1, ...options }
}

/** Every error the product knows. Codes are never reused: 1xxx the user's, 2xxx warehouse, 3xxx model, 4xxx cluster, 5xxx context source, 9xxx ours. */
export const catalogue = {
  'AMX-1001': entry(
    'InvalidSpec',
    '{field}: {problem}',
    'Correct the field; `kubectl explain` describes what it takes.',
    { exitCode: 2 },
  ),
  'AMX-1002': entry(
    'NotYetSupported',
    '{field} is part of the resource but this version does not act on it yet',
    'Leave the field out, or use a version that supports it; nothing was read, drafted or written.',
    { retry: 'Never', httpStatus: 422, exitCode: 2 },
  ),
  'AMX-1003': entry(
    'ProfileNotFound',
    '{kind} "{name}" does not exist in namespace "{namespace}"',
    'Create it, or correct the reference; the run starts by itself once it exists.',
    { httpStatus: 404, exitCode: 3 },
  ),
  'AMX-1004': entry(
    'ReadOnlyProfile',
    'DatabaseProfile "{name}" has no writerSecretRef, so nothing can be written through it',
    'Add writerSecretRef with a role that owns the tables, or set apply.policy to Never.',
    { httpStatus: 422 },
  ),
  'AMX-1005': entry(
    'ScopeEmpty',
    'the scope selects no asset in {target}',
    'Check scope.include, scope.exclude, tablePattern and kinds, and that the reader may see the tables.',
    { httpStatus: 422 },
  ),
  'AMX-1006': entry('UnknownAsset', '{asset} {verb} not exist{nearest}', 'Correct the asset path.', {
    httpStatus: 422,
    exitCode: 3,
  }),
  'AMX-1007': entry(
    'Stale',
    'the drafts changed since they were read: decision names {given}, the run has {current}',
    'Read the results again and decide on what is there now.',
    { httpStatus: 409, exitCode: 7 },
  ),
  'AMX-1008': entry(
    'NotReviewable',
    '{asset} cannot be decided: {problem}',
    'Decide on rows that are open for review.',
    {
      httpStatus: 409,
      exitCode: 7,
    },
  ),
  'AMX-1009': entry('Conflict', '{problem}', 'Read the current state and try again.', { httpStatus: 409, exitCode: 7 }),
  'AMX-1010': entry(
    'Unauthenticated',
    '{problem}',
    'Sign in again; `kubectl auth whoami` shows who the cluster thinks you are.',
    {
      httpStatus: 401,
      exitCode: 4,
    },
  ),
  'AMX-1011': entry(
    'InvalidAssetPath',
    '"{text}" is not an asset path: {reason} (character {position})',
    'Write schema.table.column; a part with upper-case letters, dots or spaces goes in double quotes.',
    {
      exitCode: 2,
    },
  ),
  'AMX-1012': entry(
    'Forbidden',
    '{user} may not {verb} {resource} in namespace "{namespace}"',
    'Ask for a Role that grants this verb.',
    {
      httpStatus: 403,
      exitCode: 4,
    },
  ),
  'AMX-1013': entry('NotFound', '{what} does not exist', 'Check the name and the namespace.', {
    httpStatus: 404,
    exitCode: 3,
  }),
  'AMX-1014': entry('BadRequest', '{problem}', 'Correct the request.', { exitCode: 2 }),
  'AMX-1015': entry(
    'DeadlineExceeded',
    'the run was active for longer than its activeDeadline of {deadline}',
    'Raise activeDeadline or narrow the scope; what was drafted is kept.',
    { httpStatus: 422, exitCode: 6 },
  ),
  'AMX-1016': entry(
    'SecretMissing',
    '{secret}',
    'Create the Secret with the keys the profile names; the Job goes on by itself.',
    {
      httpStatus: 422,
    },
  ),
  'AMX-1017': entry('Cancelled', 'the run was cancelled', 'Start a new run to go on; what was drafted is kept.', {
    retry: 'Never',
    httpStatus: 409,
    exitCode: 6,
  }),
  'AMX-1018': entry('TooLarge', '{what} has {size}; the limit is {limit}', 'Send less at once.', {
    httpStatus: 413,
    exitCode: 2,
  }),
  'AMX-1019': entry(
    'WaitedTooLong',
    'nothing final within {timeout}: {detail}',
    'Wait longer with --timeout; the work itself goes on.',
    { retry: 'Retry', httpStatus: 504, exitCode: 5 },
  ),
  'AMX-1020': entry(
    'RunNotSucceeded',
    'run "{run}" ended {phase}: {detail}',
    'Read `kubectl describe metadatarun {run}`: its conditions say what happened and what to do.',
    { retry: 'Never', httpStatus: 422, exitCode: 6 },
  ),
  'AMX-1021': entry(
    'NothingDrafted',
    'none of {assets} in scope could be drafted',
    'Read why with `kubectl amx get {run} --results`, correct the cause and start a new run.',
    { retry: 'Never', httpStatus: 422, exitCode: 6 },
  ),
  'AMX-1022': entry(
    'VersionLocked',
    '{asset} cannot be accepted: version {version} of it, in run "{run}", is accepted and not written yet',
    'Restore that version first (`kubectl amx restore {run} {asset}`), or write it; then accept this one.',
    { httpStatus: 409, exitCode: 7 },
  ),
  'AMX-1023': entry(
    'SourceNotDrafted',
    'the drafts of source run "{run}" are not settled',
    'Wait until it awaits review: this run begins by itself then.',
    { httpStatus: 409, exitCode: 7 },
  ),
  'AMX-1030': entry(
    'BudgetExhausted',
    'the budget of {limit} is used up: {used} are spent or in flight, and the next batch would take about {wanted}',
    'Raise spec.budget and the run goes on, or set spec.budget.onExhausted to Review and what is drafted goes to review.',
    { httpStatus: 402, exitCode: 6 },
  ),
  'AMX-1031': entry(
    'PriceUnknown',
    'a budget in money cannot be kept: the price of model "{model}" is not known',
    'Set spec.price of the LLMProfile, add the model to the price file, or limit maximumTokens instead.',
    { httpStatus: 422, exitCode: 6 },
  ),
  'AMX-1040': entry(
    'ReviewerUnchecked',
    'nobody checked who made this decision: {problem}',
    'Apply crds/policies.yaml, which comes with AMX, then create the decision again.',
    { httpStatus: 403, exitCode: 4 },
  ),
  'AMX-1050': entry(
    'NothingToRollBack',
    'the source run wrote no comment{writers}',
    'Name the run that wrote: `kubectl amx audit` lists what was written by which run.',
    { httpStatus: 422, exitCode: 3 },
  ),
  'AMX-1051': entry(
    'NotWritten',
    'the source run wrote no comment on {asset}',
    'Name assets that the run wrote: `kubectl amx audit RUN` lists them.',
    { httpStatus: 422, exitCode: 3 },
  ),
  'AMX-1052': entry(
    'OldTextUnknown',
    'what the comment on {asset} was before is not known: its write was cut off and found done later',
    'Decide which text should stand there, and accept it as a description of your own.',
    { httpStatus: 422, exitCode: 6 },
  ),
  'AMX-1053': entry(
    'SourceAtWork',
    'run "{run}" is {phase} and may still write',
    'Wait until it has ended or waits for review, or cancel it; the rollback goes on by itself.',
    { httpStatus: 409, exitCode: 7 },
  ),
  'AMX-1054': entry(
    'NotAllWritten',
    'run "{run}" left {count} of {total} comments as they were',
    'Each is listed with what to do about it; `kubectl amx audit {run}` shows them again.',
    { httpStatus: 422, exitCode: 6 },
  ),
  'AMX-1032': entry(
    'CatalogUnknown',
    'no run of this namespace has read {database} yet: how many tables and columns it has is not known',
    'Give the counts with --tables and --columns, or start a run with a small scope first.',
    { httpStatus: 404, exitCode: 3 },
  ),
  'AMX-1065': entry(
    'ImpersonationRefused',
    '{user} may not act as {whom}',
    'Leave --as and --as-group out, or ask for a ClusterRole with the verb impersonate.',
    { httpStatus: 403, exitCode: 4 },
  ),
  'AMX-1066': entry(
    'SignInCodeInvalid',
    'the sign-in code is unknown, was used already, or is older than a minute',
    'Run `kubectl amx studio` again and open the address it prints.',
    { httpStatus: 401, exitCode: 4 },
  ),
  'AMX-1067': entry(
    'CrossSiteWrite',
    'a write signed in by cookie lacks the header {header}',
    'Send the header, with any value; programs sign in with a token instead.',
    { httpStatus: 403, exitCode: 4 },
  ),
  'AMX-1068': entry(
    'CredentialUnusable',
    'signing in failed: {problem}',
    'Correct the user in the kubeconfig; `kubectl auth whoami` meets the same problem.',
    { httpStatus: 401, exitCode: 4 },
  ),
  'AMX-1080': entry(
    'SchedulesNotFired',
    "this cluster's operator does not fire schedules yet",
    'Start such a run yourself with `kubectl amx run`.',
    { httpStatus: 409 },
  ),
  'AMX-1081': entry(
    'InvalidTime',
    '{field} "{value}": {problem}',
    'Correct it: cron takes minute, hour, day of month, month and weekday, timeZone a name such as Europe/Istanbul.',
    { httpStatus: 422, exitCode: 2 },
  ),
  'AMX-1082': entry(
    'TimeIsOver',
    'the time {at} was over when it was set or the schedule was resumed, so nothing fires',
    'Give it another time with `kubectl amx schedule edit {schedule} --at`, or start one run with `schedule run-now`.',
    { httpStatus: 422 },
  ),
  'AMX-1083': entry(
    'NeverFires',
    'cron "{cron}" names no day there is, so nothing fires',
    'Correct the day or the month.',
    { httpStatus: 422 },
  ),
  'AMX-1084': entry(
    'RunRefused',
    'the run of {time} could not be created: {detail}',
    'Correct runTemplate, or what refuses it; it is tried again at the next time, or at once with `kubectl amx schedule run-now {schedule}`.',
    { httpStatus: 422 },
  ),
  'AMX-1085': entry(
    'RunNameTaken',
    'a MetadataRun named "{run}" is there already and is not of this schedule',
    'Delete that run or rename the schedule, then start the one that was left out with `kubectl amx schedule run-now {schedule}`.',
    { httpStatus: 409, exitCode: 7 },
  ),
  'AMX-1086': entry(
    'NothingToLookAt',
    'onChange looks at the targets of runTemplate, and there are none',
    'Give the template targets, or the schedule a time with cron or at.',
    { httpStatus: 422 },
  ),
  'AMX-1087': entry(
    'CatalogNotRead',
    'the catalog could not be looked at: {detail}',
    'Correct what is named; the catalog is looked at again by itself.',
    { retry: 'Retry', httpStatus: 502 },
  ),
  'AMX-1090': entry(
    'NotBegun',
    'run "{run}" has no results yet{detail}',
    'Wait until it begins: `kubectl amx watch {run}` says what it waits for.',
    { httpStatus: 409, exitCode: 3 },
  ),
  'AMX-1091': entry(
    'UnknownCall',
    'this server has no {call}',
    'Use a plugin and a server of one version: `kubectl amx version` shows both.',
    { httpStatus: 404 },
  ),
  'AMX-1095': entry(
    'WriterOwnsNotAll',
    'the writer may comment on {writable} of {seen} tables and views; not on {refused}',
    'Make the role that writes a member of the roles that own them: `GRANT owner TO writer`.',
    { httpStatus: 422 },
  ),
  'AMX-1096': entry(
    'SecretKeyMissing',
    '{secret}',
    'Create the Secret with the keys the profile needs, then test again with `kubectl amx doctor --test`.',
    { httpStatus: 422 },
  ),
  'AMX-1097': entry(
    'NotTestedInTime',
    'not tested within {time}',
    'See whether the operator runs and what the Job of the test waits for: `kubectl get jobs -l amx.dev/profile`.',
    { httpStatus: 504, exitCode: 5 },
  ),
  'AMX-1098': entry(
    'EmbeddingsNotReady',
    'the model answers, and the embedding model {model} does not: {detail}',
    'Correct spec.embeddings of the LLMProfile, or leave it out: texts are then compared by the built-in embedding.',
    { httpStatus: 502 },
  ),
  'AMX-2001': entry(
    'WarehouseUnreachable',
    'no connection to {target}: {detail}',
    'Check host, port and network policy of the DatabaseProfile.',
    {
      retry: 'Retry',
      httpStatus: 502,
    },
  ),
  'AMX-2002': entry(
    'WarehouseAuthenticationFailed',
    '{target} refused the sign-in: {detail}',
    'Check username and password in the Secret the DatabaseProfile names.',
    {
      httpStatus: 502,
    },
  ),
  'AMX-2003': entry(
    'PermissionDenied',
    '{asset}: {detail}',
    'Grant the reader USAGE on the schema and SELECT on the table.',
    {
      httpStatus: 502,
    },
  ),
  'AMX-2004': entry(
    'StatementTimeout',
    '{asset}: the statement ran longer than its limit: {detail}',
    'Raise profiling.statementTimeout, or profile in mode Sampled or Metadata.',
    {
      retry: 'Retry',
      httpStatus: 502,
    },
  ),
  'AMX-2005': entry(
    'LockTimeout',
    '{asset}: another session holds a lock on the table: {detail}',
    'Start again when the other session is done.',
    {
      retry: 'Retry',
      httpStatus: 502,
    },
  ),
  'AMX-2006': entry(
    'TLSFailed',
    'TLS to {target} failed: {detail}',
    'Check tls.mode and the CA certificate of the DatabaseProfile.',
    {
      httpStatus: 502,
    },
  ),
  'AMX-2007': entry(
    'DatabaseNotFound',
    '{target}: {detail}',
    'Correct the database name in the DatabaseProfile or the target.',
    {
      httpStatus: 502,
      exitCode: 3,
    },
  ),
  'AMX-2008': entry(
    'NotOwner',
    '{asset}: {detail}',
    'PostgreSQL lets only the owner of an object comment on it. As {owner} or a superuser run `GRANT {owner} TO {role};`, or give it away with `ALTER {object} OWNER TO {role};`, then apply again.',
    { httpStatus: 502 },
  ),
  'AMX-2009': entry(
    'Drifted',
    '{asset}: the comment changed since the draft was made',
    'Review the row again with the current comment in view, or set apply.onDrift to Overwrite.',
    {
      httpStatus: 409,
      exitCode: 7,
    },
  ),
  'AMX-2010': entry('Unsupported', '{backend} has no {kind} comments', 'Nothing to do: the row is skipped.', {
    retry: 'Never',
    httpStatus: 422,
  }),
  'AMX-2011': entry(
    'AssetMissing',
    '{asset} does not exist any more: {detail}',
    'Run again to document what is there now.',
    {
      httpStatus: 422,
      exitCode: 3,
    },
  ),
  'AMX-2012': entry(
    'ReadOnlyServer',
    '{target} does not accept writes: {detail}',
    'Point the DatabaseProfile at the primary server; if it is the primary, take default_transaction_read_only off the writing role, the database or the server.',
    { httpStatus: 502 },
  ),
  'AMX-2013': entry(
    'TooManyConnections',
    '{target} has no connection left: {detail}',
    'Lower profiling.connections, or wait until connections are free.',
    {
      retry: 'Retry',
      httpStatus: 502,
    },
  ),
  'AMX-2020': entry(
    'SchemaUsageMissing',
    '{asset}: {detail}',
    'As the owner of the schema or a superuser run `GRANT USAGE ON SCHEMA {schema} TO {role};`, then apply again.',
    { httpStatus: 502 },
  ),
  'AMX-2021': entry(
    'SystemObject',
    '{asset} belongs to the database system: {detail}',
    'Leave system schemas out of the scope: comments on them are lost with the next version of the server.',
    { retry: 'Never', httpStatus: 422 },
  ),
  'AMX-2022': entry(
    'OwnedBySuperuser',
    '{asset}: {detail}',
    'The owner, {owner}, is a superuser, which the writer should not be a member of. As a superuser run `ALTER {object} OWNER TO {role};`, or to another role that {role} is a member of, then apply again.',
    { httpStatus: 502 },
  ),
  'AMX-2023': entry(
    'WriteTimeout',
    '{asset}: writing took longer than a statement may: {detail}',
    'See whether an event trigger of the database or a slow disk holds COMMENT up; nothing of this table was written.',
    { retry: 'Retry', httpStatus: 502 },
  ),
  'AMX-2024': entry(
    'WriteCancelled',
    '{asset}: somebody cancelled the statement in the database: {detail}',
    'Ask the administrator of the server why, and apply again when it suits; nothing of this table was written.',
    { retry: 'Retry', httpStatus: 502 },
  ),
  'AMX-2025': entry(
    'WriteConflict',
    '{asset}: another session wrote at the same moment: {detail}',
    'Apply again if it stays queued.',
    { retry: 'Retry', httpStatus: 502 },
  ),
  'AMX-2026': entry(
    'DiskFull',
    '{target} has no disk space left: {detail}',
    'Free or add disk space on the database server, then apply again.',
    { httpStatus: 502 },
  ),
  'AMX-2027': entry(
    'ServerOutOfResources',
    '{target} is out of memory or of another resource: {detail}',
    'Apply again when the server is less busy; if it stays, raise what the words of the server name, such as max_locks_per_transaction.',
    { retry: 'Retry', httpStatus: 502 },
  ),
  'AMX-2028': entry(
    'ServerDamaged',
    '{asset}: the database reports an internal fault: {detail}',
    'Show these words to the administrator of the server and read its log before anything else is written.',
    { httpStatus: 502 },
  ),
  'AMX-2029': entry(
    'ServerLimit',
    '{asset}: a limit of the database is exceeded: {detail}',
    'Shorten the text; if it is short already, an event trigger of the database goes beyond the limit.',
    { httpStatus: 422 },
  ),
  'AMX-2030': entry(
    'NotInEncoding',
    '{asset}: the database cannot store a character of the text: {detail}',
    'Edit the text so that it has only characters that the encoding of the database, {encoding}, can hold.',
    { httpStatus: 422 },
  ),
  'AMX-2031': entry(
    'OtherKindOfObject',
    '{asset} is an object of another kind now: {detail}',
    'Run again to document what is there now.',
    { httpStatus: 422 },
  ),
  'AMX-2032': entry(
    'RefusedByDatabase',
    '{asset}: a trigger or an extension of the database refused the comment: {detail}',
    'Ask who keeps the event triggers of the database to let COMMENT by {role} pass, then apply again.',
    { httpStatus: 502 },
  ),
  'AMX-2033': entry(
    'ObjectBusy',
    '{asset} is in use: {detail}',
    'Apply again when the other session is done; the row stays queued.',
    { retry: 'Retry', httpStatus: 502 },
  ),
  'AMX-2034': entry(
    'NotSupportedByServer',
    '{asset}: this server does not have such comments: {detail}',
    'Leave such objects out of the scope, or use a server that supports them.',
    { retry: 'Never', httpStatus: 422 },
  ),
  'AMX-2035': entry(
    'ConnectionLimit',
    '{target} allows this role or database no more connections: {detail}',
    'Lower profiling.connections, wait until connections are free, or raise the limit with `ALTER ROLE … CONNECTION LIMIT` or `ALTER DATABASE … CONNECTION LIMIT`.',
    { retry: 'Retry', httpStatus: 502 },
  ),
  'AMX-2036': entry(
    'TextNotStorable',
    '{asset}: the text holds a NUL or half a surrogate pair, which PostgreSQL cannot store',
    'Edit the text.',
    { httpStatus: 422 },
  ),
  'AMX-2037': entry(
    'TableLocked',
    '{asset}: another session holds a lock that a comment cannot be written beside: {detail}',
    'Apply again when {holders} is done, or end it with `SELECT pg_cancel_backend(pid);`; the row stays queued.',
    {
      retry: 'Retry',
      httpStatus: 502,
    },
  ),
  'AMX-2040': entry(
    'WriteUnknown',
    'it is not known whether the comment was written: {detail}',
    'Apply again: the next apply looks at the comment first, and counts it as written if the text is there.',
    { httpStatus: 502 },
  ),
  'AMX-2099': entry(
    'WarehouseError',
    '{asset}: {detail}',
    "The words are the database's own; look them up with its error code.",
    {
      httpStatus: 502,
    },
  ),
  'AMX-3001': entry(
    'ModelAuthenticationFailed',
    '{provider} refused the API key: {detail}',
    'Check the key in the Secret the LLMProfile names.',
    {
      httpStatus: 502,
    },
  ),
  'AMX-3002': entry(
    'ModelQuotaExhausted',
    '{provider} refused the call for lack of credit: {detail}',
    'Add credit or use another LLMProfile; drafts made so far are kept.',
    {
      httpStatus: 502,
    },
  ),
  'AMX-3003': entry(
    'ModelNotFound',
    '{provider} does not know model "{model}": {detail}',
    'Correct spec.model of the LLMProfile.',
    {
      httpStatus: 502,
      exitCode: 3,
    },
  ),
  'AMX-3004': entry(
    'ModelRateLimited',
    '{provider} limits the rate: {detail}',
    'Wait, or lower limits.concurrency of the LLMProfile.',
    {
      retry: 'Retry',
      httpStatus: 502,
    },
  ),
  'AMX-3005': entry(
    'ModelUnreachable',
    'no answer from {provider}: {detail}',
    'Check baseURL of the LLMProfile and the network policy.',
    {
      retry: 'Retry',
      httpStatus: 502,
    },
  ),
  'AMX-3006': entry(
    'ModelTimeout',
    '{provider} did not answer within {timeout}',
    'Raise limits.timeout of the LLMProfile or lower columnBatchSize.',
    {
      retry: 'Retry',
      httpStatus: 504,
    },
  ),
  'AMX-3007': entry(
    'ModelRefused',
    'the model refused: {detail}',
    'Review the instructions and what the prompt contains.',
    {
      retry: 'Never',
      httpStatus: 502,
    },
  ),
  'AMX-3008': entry(
    'ModelReplyTruncated',
    'the reply was cut at {limit} tokens',
    'Raise maxOutputTokens or lower columnBatchSize.',
    {
      httpStatus: 502,
    },
  ),
  'AMX-3009': entry(
    'ModelReplyMalformed',
    'the reply is not what was asked for: {detail}',
    'Use a model that follows a JSON schema, or lower columnBatchSize.',
    {
      retry: 'Retry',
      httpStatus: 502,
    },
  ),
  'AMX-3010': entry(
    'ModelRejectedRequest',
    '{provider} rejected the request: {detail}',
    'Correct the generation settings the message names.',
    {
      httpStatus: 502,
    },
  ),
  'AMX-3011': entry('ModelServerError', '{provider} failed: {detail}', 'Wait; the call is tried again.', {
    retry: 'Retry',
    httpStatus: 502,
  }),
  'AMX-4001': entry(
    'ClusterUnreachable',
    'the Kubernetes API does not answer: {detail}',
    'Check kubeconfig and network.',
    {
      retry: 'Retry',
      httpStatus: 503,
    },
  ),
  'AMX-4002': entry('JobFailed', 'Job "{job}" failed: {detail}', 'Read its log with `kubectl logs job/{job}`.', {
    retry: 'Retry',
    httpStatus: 502,
    exitCode: 6,
  }),
  'AMX-4003': entry(
    'PodCannotStart',
    'the pod of Job "{job}" cannot start: {detail}',
    'Correct what the message names; the pod goes on by itself.',
    {
      retry: 'Retry',
      httpStatus: 502,
    },
  ),
  'AMX-4004': entry(
    'AttemptsExhausted',
    'stage {stage} failed {attempts} times: {detail}',
    'Correct the cause and start a new run; what was drafted and written is kept.',
    {
      retry: 'Never',
      httpStatus: 502,
      exitCode: 6,
    },
  ),
  'AMX-4005': entry(
    'OperatorForbidden',
    'the operator may not {verb} {resource}: {detail}',
    "Install the operator's Role in this namespace.",
    {
      httpStatus: 403,
    },
  ),
  'AMX-4006': entry(
    'ServerUnreachable',
    'the AMX server does not answer: {detail}',
    "Check the server's pods and the network policy.",
    {
      retry: 'Retry',
      httpStatus: 503,
    },
  ),
  'AMX-4020': entry(
    'ForwardFailed',
    'no way to {pod} through the API server: {detail}',
    'Ask for the verb create on pods/portforward in the namespace of the server, or name its address with --server.',
    { retry: 'Retry', httpStatus: 502 },
  ),
  'AMX-4021': entry(
    'NoServerPod',
    'no pod of Service {service} is ready: {detail}',
    'See why with `kubectl -n {namespace} get pods`; `kubectl amx doctor` looks at every part.',
    { retry: 'Retry', httpStatus: 503 },
  ),
  'AMX-4022': entry(
    'CertificateUntrusted',
    'the certificate of {server} is not trusted: {detail}',
    'Check the certificate authority in the kubeconfig (certificate-authority, tls-server-name) and the clock.',
    { httpStatus: 502 },
  ),
  'AMX-4023': entry(
    'ServerHidden',
    'you may not look for the AMX server in {namespace}: {detail}',
    'Name its address with --server or AMX_SERVER, or ask for ClusterRole amx-reach in that namespace (docs/roles.md).',
    { httpStatus: 403, exitCode: 4 },
  ),
  'AMX-5001': entry(
    'ContextUnreachable',
    'no answer from {source}: {detail}',
    'Check the address in the ContextSource and the network policy; the source is read again by itself.',
    { retry: 'Retry', httpStatus: 502 },
  ),
  'AMX-5002': entry(
    'ContextAuthenticationFailed',
    '{source} refused the sign-in: {detail}',
    'Check the keys of the Secret that the ContextSource names, and what they may read.',
    { httpStatus: 502 },
  ),
  'AMX-5003': entry(
    'ContextNotFound',
    '{source}: {detail}',
    'Correct the address, ref, path, bucket or name in the ContextSource.',
    { httpStatus: 502, exitCode: 3 },
  ),
  'AMX-5004': entry(
    'ContextTooLarge',
    '{source} has {size}; the limit is {limit}',
    'Narrow the ContextSource with path, prefix, include or exclude.',
    { httpStatus: 422 },
  ),
  'AMX-5005': entry(
    'ContextEmpty',
    '{source} holds no document that can be read{detail}',
    'Check path, include and exclude of the ContextSource, and the types of the files.',
    { httpStatus: 422 },
  ),
  'AMX-5006': entry(
    'ContextUnsupported',
    '{source}: {problem}',
    'Use a form of the source that this version reads; `docs/context-sources.md` lists them.',
    {
      retry: 'Never',
      httpStatus: 422,
      exitCode: 2,
    },
  ),
  'AMX-5010': entry(
    'ContextNotIndexed',
    'ContextSource "{name}" is not indexed yet{detail}',
    'Wait: the run begins by itself once the source is Ready; `kubectl describe contextsource {name}` shows how it fares.',
    { retry: 'Retry', httpStatus: 409, exitCode: 7 },
  ),
  'AMX-9001': entry(
    'InternalError',
    '{detail}',
    'This is a defect of ours: please report it with the support bundle.',
    {
      retry: 'Retry',
      httpStatus: 500,
    },
  ),
  'AMX-9002': entry(
    'StoreUnavailable',
    'the store does not answer: {detail}',
    "Check the store's PostgreSQL; work goes on by itself when it is back.",
    {
      retry: 'Retry',
      httpStatus: 503,
    },
  ),
  'AMX-9003': entry(
    'LeaseLost',
    'work unit {unit} was handed to another worker',
    'Nothing to do: its other holder finishes it.',
    {
      retry: 'Never',
      httpStatus: 409,
      exitCode: 7,
    },
  ),
} as const satisfies Record<string, CatalogueEntry>

export type ErrorCode = keyof typeof catalogue
