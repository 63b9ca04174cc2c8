-- Schemas and databases are assets without a table: they are described from what lies in them, once that is settled.
alter table amx.assets alter column table_id drop not null;

-- Canonical path of the table's schema; pages of a scope carry schemas and the database beside the tables.
alter table amx.tables add column schema_path text collate "C";
create index tables_unsettled on amx.tables (run_uid, target_index, schema_path) where not settled;
alter table amx.scope_pages add column containers jsonb not null default '[]';

-- What a schema or database holds, in scope or not, as far as it was listed.
create table amx.container_members (
  asset_id bigint not null references amx.assets on delete cascade,
  path text collate "C" not null,
  kind text not null,
  comment text,
  tables integer not null,
  primary key (asset_id, path)
);
alter table amx.assets add column member_count integer;
-- The unit that describes a schema or database; it is made once.
alter table amx.assets add column settle_unit bigint;
create index assets_without_table on amx.assets (run_uid, target_index) where table_id is null;

-- Columns that are equal as far as their profiles tell share a key. One of them is drafted (twin_of is null), the others wait
-- for it and copy its text, or are drafted themselves when it has none to copy.
alter table amx.assets add column twin_key text;
alter table amx.assets add column twin_of bigint;
alter table amx.assets add column copied_from bigint;
create index assets_of_twin_key on amx.assets (run_uid, twin_key) where twin_key is not null;
create index assets_of_twin on amx.assets (run_uid, twin_of) where twin_of is not null;
-- Columns of a table that wait for an equal one; the table is not settled before.
alter table amx.tables add column twins_open integer not null default 0;
alter table amx.progress add column columns_copied integer not null default 0;
-- Draft units that would have been made without copying, and those that were.
alter table amx.progress add column units_without_copying integer not null default 0;
alter table amx.progress add column units_with_copying integer not null default 0;
