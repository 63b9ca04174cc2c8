-- Tests of DatabaseProfiles and LLMProfiles: each tries one credential in a pod of its own, and what it found stays until a newer
-- test of the same profile.

create table amx.profile_tests (
  profile_uid text not null,
  -- One more with each test of the profile; the number in the names of its Jobs.
  number integer not null,
  part text not null check (part in ('Reader', 'Writer', 'Model')),
  kind text not null,
  namespace text not null,
  name text not null,
  -- What to try; no secret, and no name of one.
  settings jsonb not null,
  spec_digest text not null,
  -- Value of the annotation that asked for it; null for one that was due.
  request text,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  finding jsonb,
  error jsonb,
  primary key (profile_uid, number, part)
);
create index profile_tests_by_name on amx.profile_tests (namespace, name, kind);

-- What tests asked of models. They are paid for like the calls of runs, and stay when the tests go.
create table amx.profile_test_calls (
  call_id uuid primary key,
  namespace text not null,
  profile_name text not null,
  purpose text not null,
  provider text not null,
  model text not null,
  -- The profile's own price then.
  price jsonb,
  begun_at timestamptz not null,
  outcome text not null,
  input_tokens bigint,
  cached_input_tokens bigint,
  output_tokens bigint,
  reasoning_tokens bigint,
  cost_usd numeric,
  price_table text,
  latency_ms double precision,
  tries integer,
  error jsonb
);
create index profile_test_calls_by_time on amx.profile_test_calls (begun_at);

-- Every call that was paid for or may have been, with whom it was for: what usage is added up from.
create view amx.usage_calls as
select c.call_id, c.run_uid, r.namespace, r.llm_key as profile_key, r.namespace || '/' || r.name as run_name,
  (select string_agg(t ->> 'profileName', ', ') from jsonb_array_elements(r.settings -> 'targets') as t) as databases,
  r.settings #> '{model,price}' as price, c.purpose, c.provider, c.model, c.begun_at, c.cached, c.batch, c.outcome,
  c.reply is not null as answered, c.input_tokens, c.cached_input_tokens, c.output_tokens, c.reasoning_tokens, c.cost_usd,
  -- Begun, not ended, and held by nobody: it may have been paid for.
  c.outcome is null and not c.cached
    and (u.state = 'leased' and u.attempt = c.attempt and u.lease_until >= clock_timestamp()) is not true as lost
from amx.calls c join amx.runs r on r.uid = c.run_uid left join amx.units u on u.id = c.unit_id
union all
select t.call_id, null, t.namespace, t.namespace || '/' || t.profile_name, null, null, t.price, t.purpose, t.provider, t.model,
  t.begun_at, false, false, t.outcome, t.outcome <> 'Failed', t.input_tokens, t.cached_input_tokens, t.output_tokens,
  t.reasoning_tokens, t.cost_usd, false
from amx.profile_test_calls t;
