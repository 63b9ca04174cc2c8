-- Documents and code that drafts may cite: each ContextSource has indexes, of which one is in use.

create table amx.context_sources (
  uid text primary key,
  namespace text not null,
  name text not null,
  -- The index that searches use.
  current_index bigint,
  last_number integer not null default 0,
  created_at timestamptz not null default now()
);
create index context_sources_by_name on amx.context_sources (namespace, name);

-- One attempt at reading a source: the index Job of this number.
create table amx.context_indexes (
  id bigint generated always as identity primary key,
  source_uid text not null references amx.context_sources on delete cascade,
  number integer not null,
  kind text not null,
  spec jsonb not null,
  spec_digest text not null,
  -- Unchanged: the source has the revision that is indexed already, so that index stays in use.
  state text not null default 'Building' check (state in ('Building', 'Finished', 'Unchanged', 'Failed')),
  known_revision text,
  revision text,
  documents integer not null default 0,
  chunks integer not null default 0,
  -- Number of all terms, for the average length of a chunk.
  terms bigint not null default 0,
  skipped jsonb not null default '[]',
  error jsonb,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  unique (source_uid, number)
);
alter table amx.context_sources
  add foreign key (current_index) references amx.context_indexes on delete set null;

create table amx.context_documents (
  index_id bigint not null references amx.context_indexes on delete cascade,
  path text not null,
  digest text not null,
  primary key (index_id, path)
);

create table amx.context_chunks (
  id bigint generated always as identity primary key,
  index_id bigint not null references amx.context_indexes on delete cascade,
  path text not null,
  ordinal integer not null,
  start_line integer not null,
  end_line integer not null,
  title text,
  text text not null,
  -- What the source says about a table or a column in so many words, such as a dbt description; null = nothing.
  provided jsonb,
  -- Stems with their places: those of the title and the path weigh A, those of the text D.
  terms tsvector not null,
  term_count integer not null,
  -- 512 Float32 numbers, little-endian. Random to the eye: compressing it would be work for nothing.
  vector bytea not null,
  unique (index_id, path, ordinal)
);
alter table amx.context_chunks alter column vector set storage external;
create index context_chunks_by_terms on amx.context_chunks using gin (terms);

-- In how many chunks of a finished index a term occurs: what makes a word rare.
create table amx.context_terms (
  index_id bigint not null references amx.context_indexes on delete cascade,
  term text not null,
  chunks integer not null,
  primary key (index_id, term)
);
