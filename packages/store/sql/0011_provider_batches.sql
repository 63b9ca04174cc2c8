-- Batches of calls at a provider that answers within a day. A batch is written down before it is sent; its calls are those of
-- amx.calls that name it and have no outcome yet.
create table amx.provider_batches (
  batch_id uuid primary key,
  run_uid text not null references amx.runs on delete cascade,
  -- The provider's name of it; null while it is not known whether it arrived.
  provider_batch_id text,
  state text not null default 'Submitting' check (state in ('Submitting', 'Working', 'Collected', 'Failed')),
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
);
create index provider_batches_open on amx.provider_batches (run_uid) where state in ('Submitting', 'Working');

alter table amx.calls add column batch_id uuid references amx.provider_batches on delete set null;
create index calls_of_batch on amx.calls (batch_id) where batch_id is not null;
