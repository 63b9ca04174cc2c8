-- Every sort of a run's rows has an index that its first page is read from, in the usual direction forwards and in the other one
-- backwards: a page costs the same at 200,000 rows as at 200. What has no figure counts as -1. Rows that are still to be drafted are
-- in no list, so they are in none of these.
create index assets_by_token_probability on amx.assets (run_uid, (coalesce(token_probability, -1)) desc, id) where status <> 'Planned';
create index assets_by_length on amx.assets (run_uid, (coalesce(text_length, -1)) desc, id) where status <> 'Planned';
create index assets_by_alternatives on amx.assets (run_uid, alternative_count desc, id) where status <> 'Planned';
create index assets_by_name on amx.assets (run_uid, (coalesce(column_name, path) collate "C"), id) where status <> 'Planned';
create index assets_by_kind on amx.assets (run_uid, (kind collate "C"), id) where status <> 'Planned';
drop index amx.assets_by_score;
create index assets_by_score on amx.assets (run_uid, (coalesce(score, -1)) desc, id) where status <> 'Planned';
drop index amx.assets_by_lowest_score;
create index assets_by_lowest_score on amx.assets (run_uid, (coalesce(score, 2)), id) where status <> 'Planned';

-- What is not decided, then what is, each in the order of the catalog; and what was decided since a moment.
create index assets_undecided_first on amx.assets (run_uid, ((decided_at is not null)::integer), id) where status <> 'Planned';
create index assets_by_decision on amx.assets (run_uid, decided_at) where decided_at is not null;

-- Columns of the same name and type, and the texts they have, each counted once.
create index assets_of_name on amx.assets (run_uid, column_name, data_type, draft_hash)
  where status <> 'Planned' and column_name is not null;
