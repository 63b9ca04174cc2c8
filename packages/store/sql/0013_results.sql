-- What rows are found, counted and sorted by, kept beside them: what is only shown stays away from lists.
alter table amx.assets
  add column data_type text,
  add column alternative_count smallint not null default 0,
  -- Of the first alternative: its characters, and a hash to tell texts apart by.
  add column draft_length integer,
  add column draft_hash bigint,
  add column has_citations boolean not null default false,
  add column has_warnings boolean not null default false,
  add column token_probability double precision;

create function amx.first_text(alternatives jsonb) returns text language sql immutable parallel safe
  return nullif(alternatives #>> '{0,text}', '');

update amx.assets a
set data_type = (
  select c ->> 'type' from amx.tables t, jsonb_array_elements(t.catalog -> 'columns') as c
  where t.id = a.table_id and c ->> 'name' = a.column_name)
where a.column_name is not null;
update amx.assets a
set alternative_count = jsonb_array_length(d.alternatives), draft_length = char_length(amx.first_text(d.alternatives)),
  draft_hash = hashtextextended(amx.first_text(d.alternatives), 0), has_citations = jsonb_path_exists(d.citations, '$[*].path'),
  has_warnings = jsonb_array_length(d.warnings) > 0, token_probability = d.token_probability
from amx.drafts d where d.asset_id = a.id;

alter table amx.assets
  add column text_length integer generated always as (coalesce(char_length(chosen_text), draft_length)) stored,
  -- All small dimensions in one, in the order of dimensions.ts: counting rows by them is one grouping by one key.
  add column dimensions text collate "C" generated always as (
    status || '|' || review_state || '|' || coalesce(band, 'None') || '|' || kind || '|' || coalesce(source, 'profile') || '|'
    || coalesce(apply_outcome, 'None') || '|' || has_citations::text || '|' || (existing_comment is not null)::text || '|'
    || has_warnings::text) stored;

-- The columns of a table in their order.
create index assets_in_catalog on amx.assets (run_uid, table_path, ordinal, id);
-- Either end of the scores first, rows without one last. Ids follow the catalog.
drop index amx.assets_by_score;
create index assets_by_score on amx.assets (run_uid, (coalesce(score, -1)) desc, id);
create index assets_by_lowest_score on amx.assets (run_uid, (coalesce(score, 2)), id);

-- Rows of a run by all dimensions: totals and facets cost a few hundred rows, whatever the size of the run.
create table amx.dimension_counts (
  run_uid text not null references amx.runs on delete cascade,
  dimensions text collate "C" not null,
  rows integer not null,
  score_sum numeric not null,
  score_count integer not null,
  primary key (run_uid, dimensions)
) with (fillfactor = 50);

-- The names of these triggers come after those that lock the run's progress: two statements count one after the other.
create function amx.count_inserted_dimensions() returns trigger language plpgsql as $$
begin
  insert into amx.dimension_counts as c (run_uid, dimensions, rows, score_sum, score_count)
  select run_uid, dimensions, count(*), coalesce(sum(score::numeric), 0), count(score)
  from inserted where status <> 'Planned' group by run_uid, dimensions
  on conflict (run_uid, dimensions) do update set rows = c.rows + excluded.rows,
    score_sum = c.score_sum + excluded.score_sum, score_count = c.score_count + excluded.score_count;
  return null;
end $$;

create function amx.count_updated_dimensions() returns trigger language plpgsql as $$
begin
  insert into amx.dimension_counts as c (run_uid, dimensions, rows, score_sum, score_count)
  select run_uid, dimensions, sum(w), coalesce(sum(w * score::numeric), 0), coalesce(sum(w) filter (where score is not null), 0)
  from (
    select 1 as w, run_uid, dimensions, score from after_update where status <> 'Planned'
    union all
    select -1, run_uid, dimensions, score from before_update where status <> 'Planned'
  ) changed
  group by run_uid, dimensions
  having sum(w) <> 0 or sum(w * score::numeric) <> 0
  on conflict (run_uid, dimensions) do update set rows = c.rows + excluded.rows,
    score_sum = c.score_sum + excluded.score_sum, score_count = c.score_count + excluded.score_count;
  return null;
end $$;

create trigger dimensions_of_inserted_assets after insert on amx.assets
  referencing new table as inserted for each statement execute function amx.count_inserted_dimensions();
create trigger dimensions_of_updated_assets after update on amx.assets
  referencing old table as before_update new table as after_update
  for each statement execute function amx.count_updated_dimensions();

insert into amx.dimension_counts (run_uid, dimensions, rows, score_sum, score_count)
select run_uid, dimensions, count(*), coalesce(sum(score::numeric), 0), count(score)
from amx.assets where status <> 'Planned' group by run_uid, dimensions;

-- Path, alternatives, own text and the comment in the database, in small letters, line by line: what a search looks through. Reading
-- the texts of a run from end to end takes a fraction of a second at 200,000 rows; an index of trigrams needs an extension, and has to
-- be kept up to date with every draft that is stored.
create table amx.search_texts (
  asset_id bigint primary key references amx.assets on delete cascade,
  run_uid text not null,
  text text not null
);

create function amx.keep_search_texts(ids bigint[]) returns void language sql as $$
  insert into amx.search_texts (asset_id, run_uid, text)
  select a.id, a.run_uid, lower(a.path || E'\n' || concat_ws(E'\n', (
      select string_agg(alternative ->> 'text', E'\n') from jsonb_array_elements(d.alternatives) as alternative),
    case when a.chosen_alternative is null then a.chosen_text end, a.existing_comment))
  from amx.assets a left join amx.drafts d on d.asset_id = a.id
  where a.id = any(ids)
  on conflict (asset_id) do update set text = excluded.text
$$;

create function amx.search_changed_drafts() returns trigger language plpgsql as $$
begin
  perform amx.keep_search_texts(array(select asset_id from changed));
  return null;
end $$;

create function amx.search_inserted_assets() returns trigger language plpgsql as $$
begin
  perform amx.keep_search_texts(array(select id from inserted where status <> 'Planned'));
  return null;
end $$;

-- Rows that got no draft, and texts that people write themselves; drafts come by their own trigger.
create function amx.search_updated_assets() returns trigger language plpgsql as $$
declare ids bigint[];
begin
  ids := array(
    select n.id from after_update n join before_update o on o.id = n.id
    where o.status = 'Planned' and n.status in ('Skipped', 'Failed')
      or (case when n.chosen_alternative is null then n.chosen_text end)
        is distinct from (case when o.chosen_alternative is null then o.chosen_text end));
  if cardinality(ids) > 0 then perform amx.keep_search_texts(ids); end if;
  return null;
end $$;

create trigger search_inserted_drafts after insert on amx.drafts
  referencing new table as changed for each statement execute function amx.search_changed_drafts();
create trigger search_updated_drafts after update on amx.drafts
  referencing new table as changed for each statement execute function amx.search_changed_drafts();
create trigger search_inserted_assets after insert on amx.assets
  referencing new table as inserted for each statement execute function amx.search_inserted_assets();
create trigger search_updated_assets after update on amx.assets
  referencing old table as before_update new table as after_update
  for each statement execute function amx.search_updated_assets();

select amx.keep_search_texts(array(select id from amx.assets where status <> 'Planned'));
create index search_texts_of_run on amx.search_texts (run_uid);

create index queue_by_path on amx.queue (namespace, path, id);
