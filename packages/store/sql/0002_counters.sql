-- Counters of a run follow its rows whoever changes them: a summary costs one row, whatever the size of the run. Statement
-- triggers, because a thousand rows in one statement are one update here.

create function amx.count_inserted_assets() returns trigger language plpgsql as $$
begin
  update amx.progress p set
    assets_planned = p.assets_planned + d.assets_planned,
    columns_planned = p.columns_planned + d.columns_planned,
    columns_skipped = p.columns_skipped + d.columns_skipped,
    result_rows = p.result_rows + d.result_rows
  from (
    select run_uid,
      count(*) filter (where planned) as assets_planned,
      count(*) filter (where planned and kind = 'Column') as columns_planned,
      count(*) filter (where status = 'Skipped' and kind = 'Column') as columns_skipped,
      count(*) filter (where status <> 'Planned') as result_rows
    from inserted group by run_uid
  ) d
  where p.run_uid = d.run_uid;
  return null;
end $$;

create function amx.count_updated_assets() returns trigger language plpgsql as $$
begin
  update amx.progress p set
    columns_drafted = p.columns_drafted + d.columns_drafted,
    columns_skipped = p.columns_skipped + d.columns_skipped,
    columns_failed = p.columns_failed + d.columns_failed,
    result_rows = p.result_rows + d.result_rows,
    high = p.high + d.high,
    medium = p.medium + d.medium,
    low = p.low + d.low,
    unbanded = p.unbanded + d.unbanded,
    score_sum = p.score_sum + d.score_sum,
    score_count = p.score_count + d.score_count,
    unreviewed = p.unreviewed + d.unreviewed,
    accepted = p.accepted + d.accepted,
    skipped = p.skipped + d.skipped,
    rejected = p.rejected + d.rejected
  from (
    select run_uid,
      coalesce(sum(w) filter (where status = 'Drafted' and kind = 'Column'), 0) as columns_drafted,
      coalesce(sum(w) filter (where status = 'Skipped' and kind = 'Column'), 0) as columns_skipped,
      coalesce(sum(w) filter (where status = 'Failed' and kind = 'Column'), 0) as columns_failed,
      coalesce(sum(w) filter (where status <> 'Planned'), 0) as result_rows,
      coalesce(sum(w) filter (where status = 'Drafted' and band = 'High'), 0) as high,
      coalesce(sum(w) filter (where status = 'Drafted' and band = 'Medium'), 0) as medium,
      coalesce(sum(w) filter (where status = 'Drafted' and band = 'Low'), 0) as low,
      coalesce(sum(w) filter (where status = 'Drafted' and band is null), 0) as unbanded,
      coalesce(sum(w * score::numeric) filter (where status = 'Drafted' and score is not null), 0) as score_sum,
      coalesce(sum(w) filter (where status = 'Drafted' and score is not null), 0) as score_count,
      coalesce(sum(w) filter (where status = 'Drafted' and review_state = 'Unreviewed'), 0) as unreviewed,
      coalesce(sum(w) filter (where review_state = 'Accepted'), 0) as accepted,
      coalesce(sum(w) filter (where review_state = 'Skipped'), 0) as skipped,
      coalesce(sum(w) filter (where review_state = 'Rejected'), 0) as rejected
    from (
      select 1 as w, run_uid, status, kind, band, score, review_state from after_update
      union all
      select -1, run_uid, status, kind, band, score, review_state from before_update
    ) changed
    group by run_uid
  ) d
  where p.run_uid = d.run_uid;
  return null;
end $$;

create trigger count_inserted_assets after insert on amx.assets
  referencing new table as inserted for each statement execute function amx.count_inserted_assets();
create trigger count_updated_assets after update on amx.assets
  referencing old table as before_update new table as after_update
  for each statement execute function amx.count_updated_assets();

create function amx.count_inserted_tables() returns trigger language plpgsql as $$
begin
  update amx.progress p set
    tables_total = p.tables_total + d.total,
    tables_settled = p.tables_settled + d.settled
  from (
    select run_uid, count(*) as total, count(*) filter (where settled) as settled from inserted group by run_uid
  ) d
  where p.run_uid = d.run_uid;
  return null;
end $$;

create function amx.count_updated_tables() returns trigger language plpgsql as $$
begin
  update amx.progress p set
    tables_settled = p.tables_settled + d.settled,
    columns_profiled = p.columns_profiled + d.profiled
  from (
    select run_uid,
      coalesce(sum(w) filter (where settled), 0) as settled,
      coalesce(sum(w * columns_planned) filter (where profiled), 0) as profiled
    from (
      select 1 as w, run_uid, settled, profile is not null as profiled, columns_planned from after_update
      union all
      select -1, run_uid, settled, profile is not null, columns_planned from before_update
    ) changed
    group by run_uid
  ) d
  where p.run_uid = d.run_uid and (d.settled <> 0 or d.profiled <> 0);
  return null;
end $$;

create trigger count_inserted_tables after insert on amx.tables
  referencing new table as inserted for each statement execute function amx.count_inserted_tables();
create trigger count_updated_tables after update on amx.tables
  referencing old table as before_update new table as after_update
  for each statement execute function amx.count_updated_tables();

create function amx.count_updated_changes() returns trigger language plpgsql as $$
begin
  update amx.progress p set
    applied = p.applied + d.applied,
    apply_failed = p.apply_failed + d.failed,
    refused = p.refused + d.refused,
    unsupported = p.unsupported + d.unsupported
  from (
    select run_uid,
      coalesce(sum(w) filter (where outcome in ('Applied', 'AlreadyThere')), 0) as applied,
      coalesce(sum(w) filter (where outcome in ('Failed', 'Missing')), 0) as failed,
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

create trigger count_updated_changes after update on amx.applied_changes
  referencing old table as before_update new table as after_update
  for each statement execute function amx.count_updated_changes();
