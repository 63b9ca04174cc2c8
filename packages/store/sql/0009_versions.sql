-- Versions of a description: reruns and variations of a row, across runs.

alter table amx.assets
  -- The row of version 1; null for that row itself.
  add column root_id bigint,
  add column version integer not null default 1,
  -- The row this one was made of, and of variations the alternative of it, counted from 1, with its text as it was then.
  add column parent_id bigint,
  add column seed_index integer,
  add column seed_text text;
create unique index assets_versions on amx.assets (root_id, version) where root_id is not null;

-- Digest of mode, sampling and privacy that the table's profile was made with; null where that is not known.
alter table amx.tables add column profile_options text;
-- The newest that any run knows about a table.
create index tables_by_path on amx.tables (path, id);

-- Rerun or Variations where the unit's assets go on from an earlier version.
alter table amx.units add column descent text;
