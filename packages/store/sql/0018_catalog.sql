-- What is known of each database: as it was read last, with the comments written since. Scope pickers, coverage and estimates look
-- here, whichever runs come and go.
create table amx.catalog (
  namespace text not null,
  database_key text not null,
  path text collate "C" not null,
  -- Path of its schema; its own for a schema, '*' for the database.
  schema_path text collate "C" not null,
  kind text not null,
  comment text,
  -- Of tables and views, in their order: {name, type, comment}; the comment is left out where there is none.
  columns jsonb not null default '[]',
  columns_total integer not null default 0,
  columns_commented integer not null default 0,
  -- Estimate of the database itself; null where it has none.
  row_estimate double precision,
  read_at timestamptz not null,
  -- The run that read it.
  run_uid text not null,
  primary key (namespace, database_key, path)
);
