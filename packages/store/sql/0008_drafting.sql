-- What drafting keeps beside its drafts.

-- Comments of the table whose style a run matches: [{kind, text}]; null until a scope unit brought them.
alter table amx.runs add column style jsonb;

-- What the server behind an LLMProfile was found to take and not to take: one pod pays for the refused try, the next do not.
create table amx.route_memory (
  namespace text not null,
  profile_name text not null,
  -- Digest of provider, model and address: an edited profile starts anew.
  route_digest text not null,
  memory jsonb not null,
  learnt_at timestamptz not null default now(),
  primary key (namespace, profile_name, route_digest)
);

-- How probable the first alternative was to the model that wrote it, beside whatever signal gives the score.
alter table amx.drafts add column token_probability double precision;

-- Rows by score in tenths, 0 to 0.1 first; a score of 1 is in the last.
alter table amx.progress add column score_tenths integer[] not null default '{0,0,0,0,0,0,0,0,0,0}';

create function amx.count_score_tenths() returns trigger language plpgsql as $$
begin
  update amx.progress p
  set score_tenths = array(
    select coalesce(p.score_tenths[t.tenth + 1], 0) + coalesce((d.changes ->> t.tenth::text)::integer, 0)
    from generate_series(0, 9) as t (tenth) order by t.tenth
  )
  from (
    select run_uid, jsonb_object_agg(tenth::text, change) as changes
    from (
      select run_uid, least(9, greatest(0, floor(score * 10)))::integer as tenth, sum(w) as change
      from (
        select 1 as w, run_uid, score from after_update where status = 'Drafted' and score is not null
        union all
        select -1, run_uid, score from before_update where status = 'Drafted' and score is not null
      ) changed
      group by 1, 2
      having sum(w) <> 0
    ) counted
    group by run_uid
  ) d
  where p.run_uid = d.run_uid;
  return null;
end $$;

create trigger count_score_tenths after update on amx.assets
  referencing old table as before_update new table as after_update
  for each statement execute function amx.count_score_tenths();

-- Decided rows of a database, from which a calibration is fitted.
create index assets_decided on amx.assets (database_key, signal)
  where decided_at is not null and score is not null;
