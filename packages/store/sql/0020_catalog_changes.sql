-- What became of tables and columns from one reading of a database to the next. Schedules that fire on changes go by it: the ids of a
-- namespace are in the order of their commits, since whoever writes them holds a lock.
create table amx.catalog_changes (
  id bigint generated always as identity primary key,
  namespace text not null,
  database_key text not null,
  -- The table or view.
  path text collate "C" not null,
  kind text not null,
  -- Null: the table itself.
  column_name text,
  -- Added, TypeChanged or Dropped.
  change text not null,
  seen_at timestamptz not null default now()
);
create index catalog_changes_of_namespace on amx.catalog_changes (namespace, id);
create index catalog_changes_by_age on amx.catalog_changes (seen_at);
