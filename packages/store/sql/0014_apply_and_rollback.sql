-- Applies over the queue, rollbacks, and the audit of a whole namespace.

-- Whether the rows of a decision are written by their own run.
alter table amx.decisions add column apply boolean not null default false;

-- What of its source a run of type Apply or Rollback takes: {"assets": [...]}; null for all of it.
alter table amx.runs add column selection jsonb;
-- Who created the run, where the API server vouches for it.
alter table amx.runs add column requested_by text;

alter table amx.applied_changes add column namespace text;
update amx.applied_changes c set namespace = r.namespace from amx.runs r where r.uid = c.run_uid;
alter table amx.applied_changes alter column namespace set not null;
-- False where a write was lost sight of and the comment it replaced is not known for sure.
alter table amx.applied_changes add column old_text_known boolean not null default true;
-- Of a rollback: the entry it takes back.
alter table amx.applied_changes add column undoes bigint;
create index applied_changes_by_time on amx.applied_changes (namespace, applied_at desc, id desc) where outcome is not null;
create index applied_changes_undoing on amx.applied_changes (undoes) where undoes is not null;

-- What a rollback puts back: a queue of its own, since nobody accepted these texts.
create table amx.rollback_rows (
  unit_id bigint not null,
  asset_id bigint not null,
  run_uid text not null references amx.runs on delete cascade,
  namespace text not null,
  database_key text not null,
  path text collate "C" not null,
  kind text not null,
  -- Empty for a comment that is removed.
  text text not null,
  -- What the source run wrote: the comment that must be there still.
  expected text,
  -- The last entry of the source run for this asset.
  undoes bigint not null,
  decided_by text not null,
  primary key (unit_id, asset_id)
);
create index rollback_rows_of_run on amx.rollback_rows (run_uid);
