-- A row that may have been written counts as failed until an apply has looked.
create or replace function amx.count_updated_changes() returns trigger language plpgsql as $$
begin
  update amx.progress p set
    applied = p.applied + d.applied,
    apply_failed = p.apply_failed + d.failed,
    refused = p.refused + d.refused,
    unsupported = p.unsupported + d.unsupported
  from (
    select run_uid,
      coalesce(sum(w) filter (where outcome in ('Applied', 'AlreadyThere')), 0) as applied,
      coalesce(sum(w) filter (where outcome in ('Failed', 'Missing', 'Unknown')), 0) as failed,
      coalesce(sum(w) filter (where outcome in ('Refused', 'Drifted')), 0) as refused,
      coalesce(sum(w) filter (where outcome = 'Unsupported'), 0) as unsupported
    from (
      select 1 as w, run_uid, outcome from after_update
      union all
      select -1, run_uid, outcome from before_update
    ) changed
    group by run_uid
  ) d
  where p.run_uid = d.run_uid;
  return null;
end $$;

-- Entries whose rows may have been written: the next apply of them looks first.
drop index amx.applied_changes_open;
create index applied_changes_in_doubt on amx.applied_changes (asset_id) where outcome is null or outcome = 'Unknown';

-- When a unit was handed out last: what its worker reads of a database it reads after that.
alter table amx.units add column claimed_at timestamptz;
