-- Runs, what they cover, and the counters a summary is read from.

create table amx.runs (
  uid text primary key,
  namespace text not null,
  name text not null,
  type text not null,
  spec_digest text not null,
  settings jsonb not null,
  settings_digest text not null,
  scope_text text not null,
  origin text,
  -- The run whose queued rows this one applies; its own when null.
  source_run_uid text,
  -- Namespace and LLMProfile: runs that share it share its limit of concurrent units.
  llm_key text,
  phase text not null default 'Pending',
  finished boolean not null default false,
  desired_state text not null default 'Run',
  fatal_error jsonb,
  last_error jsonb,
  draft_digest text,
  draft_rows integer,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  archived_at timestamptz
);
create index runs_by_time on amx.runs (namespace, started_at desc, uid desc);
create index runs_by_name on amx.runs (namespace, name, started_at desc);
create index runs_unfinished on amx.runs (uid) where not finished and archived_at is null;

-- One narrow row per run, rewritten often: half-empty pages keep those updates inside the page. Locking it also puts the
-- events of a run in the order of their ids.
create table amx.progress (
  run_uid text primary key references amx.runs on delete cascade,
  tables_total integer not null default 0,
  tables_settled integer not null default 0,
  assets_planned integer not null default 0,
  columns_planned integer not null default 0,
  columns_profiled integer not null default 0,
  columns_drafted integer not null default 0,
  columns_skipped integer not null default 0,
  columns_failed integer not null default 0,
  result_rows integer not null default 0,
  high integer not null default 0,
  medium integer not null default 0,
  low integer not null default 0,
  unbanded integer not null default 0,
  score_sum numeric not null default 0,
  score_count integer not null default 0,
  unreviewed integer not null default 0,
  accepted integer not null default 0,
  skipped integer not null default 0,
  rejected integer not null default 0,
  applied integer not null default 0,
  apply_failed integer not null default 0,
  refused integer not null default 0,
  unsupported integer not null default 0,
  calls integer not null default 0,
  cached_replies integer not null default 0,
  unpriced_calls integer not null default 0,
  -- Null until something was priced.
  cost_usd numeric,
  price_table text,
  input_tokens bigint not null default 0,
  cached_input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  reasoning_tokens bigint not null default 0
) with (fillfactor = 50);

-- Pages of a scope that is being resolved; they become tables and assets when the scope unit is complete.
create table amx.scope_pages (
  unit_id bigint not null,
  attempt integer not null,
  page integer not null,
  tables jsonb not null,
  primary key (unit_id, attempt, page)
);

create table amx.tables (
  id bigint generated always as identity primary key,
  run_uid text not null references amx.runs on delete cascade,
  target_index integer not null,
  -- Order in which tables are worked on.
  ordinal bigint not null,
  path text collate "C" not null,
  catalog jsonb not null,
  columns_planned integer not null,
  table_planned boolean not null,
  profile jsonb,
  -- Draft units not finished yet; null before the table is profiled.
  draft_units_open integer,
  settled boolean not null default false,
  unique (run_uid, target_index, path)
);

create table amx.assets (
  id bigint generated always as identity primary key,
  run_uid text not null references amx.runs on delete cascade,
  table_id bigint not null references amx.tables on delete cascade,
  target_index integer not null,
  database_key text not null,
  table_path text collate "C" not null,
  path text collate "C" not null,
  kind text not null,
  -- Null for the table itself.
  column_name text,
  ordinal integer not null,
  existing_comment text,
  -- Whether the scope wanted it described; false = left out by the scope, with a reason.
  planned boolean not null,
  status text not null check (status in ('Planned', 'Drafted', 'Skipped', 'Failed')),
  reason text,
  source text,
  signal text,
  score double precision,
  band text,
  -- Whether the first alternative is a placeholder.
  top_fallback boolean,
  review_state text not null default 'Unreviewed',
  chosen_text text,
  chosen_alternative integer,
  decided_by text,
  decided_at timestamptz,
  decision_uid text,
  -- The asset of a newer run whose accepted text took this one's place in the queue.
  superseded_by bigint,
  apply_outcome text,
  apply_error text,
  unique (run_uid, target_index, path)
) with (fillfactor = 80);
create index assets_by_path on amx.assets (run_uid, path, id);
create index assets_by_score on amx.assets (run_uid, (coalesce(score, -1)) desc, path, id);
create index assets_of_table on amx.assets (table_id, ordinal);

create table amx.drafts (
  asset_id bigint primary key references amx.assets on delete cascade,
  alternatives jsonb not null,
  reasoning text,
  citations jsonb not null,
  warnings jsonb not null,
  evidence text not null,
  call_ids jsonb not null,
  drafted_at timestamptz not null default now()
);

-- A finished profile can serve a later run of the same namespace while structure and statistics are the same.
create table amx.profile_cache (
  namespace text not null,
  database_key text not null,
  table_path text not null,
  structure_digest text not null,
  statistics_time text not null,
  -- Digest of mode, sampling and privacy: a profile with raw samples never serves a run that masks them.
  options_digest text not null,
  profile jsonb not null,
  stored_at timestamptz not null default now(),
  primary key (namespace, database_key, table_path, options_digest)
);

-- Work -------------------------------------------------------------------------------------------------------------------

create table amx.units (
  id bigint generated always as identity primary key,
  run_uid text not null references amx.runs on delete cascade,
  stage text not null,
  kind text not null,
  target_index integer not null,
  table_id bigint,
  table_path text,
  ordinal bigint not null,
  columns text[] not null default '{}',
  include_table boolean not null default false,
  batch integer not null default 1,
  batches integer not null default 1,
  -- Set on draft units: their leases count against the limit of the LLMProfile.
  llm_key text,
  state text not null default 'waiting' check (state in ('waiting', 'leased', 'done', 'failed')),
  -- Number of the last claim: the fencing token of whoever holds it.
  attempt integer not null default 0,
  -- The last attempt whose result was recorded: posting it again is a no-op.
  settled_attempt integer not null default 0,
  -- Attempts that failed or whose lease ran out. Units handed back untouched do not count.
  failures integer not null default 0,
  holder text,
  lease_until timestamptz,
  available_at timestamptz not null default now(),
  error jsonb
) with (fillfactor = 80);
create index units_open on amx.units (run_uid, stage, ordinal, id) where state in ('waiting', 'leased');
create index units_failed on amx.units (run_uid, stage) where state = 'failed';
create index units_leased on amx.units (lease_until) where state = 'leased';
create index units_of_llm on amx.units (llm_key) where state = 'leased' and llm_key is not null;

create table amx.calls (
  call_id uuid primary key,
  run_uid text not null references amx.runs on delete cascade,
  unit_id bigint not null,
  attempt integer not null,
  purpose text not null,
  provider text not null,
  model text not null,
  request_digest text not null,
  messages jsonb not null,
  -- The answer came from the reply cache: nothing was sent.
  cached boolean not null,
  begun_at timestamptz not null default now(),
  ended_at timestamptz,
  outcome text,
  reply jsonb,
  input_tokens bigint,
  cached_input_tokens bigint,
  output_tokens bigint,
  reasoning_tokens bigint,
  cost_usd numeric,
  price_table text,
  request_id text,
  latency_ms double precision,
  tries integer,
  error jsonb
);
create index calls_of_run on amx.calls (run_uid, begun_at);
create index calls_open on amx.calls (run_uid) where outcome is null and not cached;

create table amx.reply_cache (
  namespace text not null,
  provider text not null,
  model text not null,
  request_digest text not null,
  reply jsonb not null,
  stored_at timestamptz not null default now(),
  primary key (namespace, provider, model, request_digest)
);

-- Review, queue, audit ---------------------------------------------------------------------------------------------------

create table amx.decisions (
  uid text primary key,
  run_uid text not null references amx.runs on delete cascade,
  name text not null,
  reviewer text not null,
  comment text not null,
  draft_digest text not null,
  -- What was answered: the same again when the decision is recorded a second time.
  result jsonb not null,
  recorded_at timestamptz not null default now()
);
create index decisions_of_run on amx.decisions (run_uid, recorded_at);

create table amx.decision_items (
  decision_uid text not null references amx.decisions on delete cascade,
  asset_id bigint not null references amx.assets on delete cascade,
  verdict text not null,
  alternative integer,
  text text,
  previous_state text not null,
  previous_text text,
  primary key (decision_uid, asset_id)
);
create index decision_items_of_asset on amx.decision_items (asset_id);

create table amx.queue (
  id bigint generated always as identity primary key,
  namespace text not null,
  database_key text not null,
  path text collate "C" not null,
  table_path text collate "C" not null,
  kind text not null,
  asset_id bigint not null references amx.assets on delete cascade,
  run_uid text not null,
  text text not null,
  -- The comment the decider had in view.
  expected text,
  decided_by text not null,
  decided_at timestamptz not null,
  state text not null default 'Queued' check (state in ('Queued', 'Applying', 'Failed')),
  error text,
  -- The unit that applies it and the run of that unit.
  unit_id bigint,
  unit_run_uid text,
  unique (namespace, database_key, path)
);
create index queue_of_run on amx.queue (run_uid, id);
create index queue_of_unit on amx.queue (unit_id) where unit_id is not null;
create index queue_of_asset on amx.queue (asset_id);
create index queue_by_namespace on amx.queue (namespace, id);

-- Written before the write it announces (intent), completed after it (outcome): one row per run and asset, for ever.
create table amx.applied_changes (
  id bigint generated always as identity primary key,
  run_uid text not null references amx.runs on delete cascade,
  asset_id bigint not null,
  unit_id bigint not null,
  database_key text not null,
  path text not null,
  kind text not null,
  new_text text not null,
  expected text,
  dry_run boolean not null,
  decided_by text not null,
  applied_by text not null,
  intent_at timestamptz not null default now(),
  outcome text,
  old_text text,
  statement text,
  error jsonb,
  applied_at timestamptz,
  unique (run_uid, asset_id)
);
create index applied_changes_of_run on amx.applied_changes (run_uid, id);
create index applied_changes_of_asset on amx.applied_changes (database_key, path, id);

-- History ----------------------------------------------------------------------------------------------------------------

create table amx.events (
  id bigint generated always as identity primary key,
  run_uid text not null references amx.runs on delete cascade,
  time timestamptz not null default clock_timestamp(),
  type text not null,
  data jsonb not null
);
create index events_of_run on amx.events (run_uid, id);

create table amx.log_lines (
  id bigint generated always as identity primary key,
  run_uid text not null references amx.runs on delete cascade,
  stage text not null,
  holder text not null,
  time timestamptz not null,
  level text not null,
  message text not null,
  facts jsonb
);
create index log_lines_of_run on amx.log_lines (run_uid, id);
