-- Lists and comparisons of runs, also of those that left the cluster.

-- Why the run is where it is: {reason, message, code, remedy}; null while nothing stopped it.
alter table amx.runs add column explanation jsonb;

-- Accepted in somebody's own words: few, so a rate of edits costs no walk over the rows of a run.
create index assets_edited on amx.assets (run_uid)
  where review_state = 'Accepted' and chosen_alternative is null and source <> 'human';
-- When a run's drafts were complete: one of many events.
create index events_of_drafting on amx.events (run_uid, time) where type = 'Drafted';
-- Writes of an asset and of what lies below it, the newest first, across runs.
create index applied_changes_over_all on amx.applied_changes (applied_at desc, id desc) where outcome is not null;
-- Runs that write or go on from others.
create index runs_by_source on amx.runs (source_run_uid) where source_run_uid is not null;
