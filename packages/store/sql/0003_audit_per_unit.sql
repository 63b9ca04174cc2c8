-- A row that failed can be decided again and be written by the same run: that is another entry of the audit. Within one unit,
-- however often it is handed out, a row still has one.
alter table amx.applied_changes drop constraint applied_changes_run_uid_asset_id_key;
alter table amx.applied_changes add constraint applied_changes_once_per_unit unique (unit_id, asset_id);
create index applied_changes_open on amx.applied_changes (asset_id) where outcome is null;

-- Pages hold the assets of a table beside it.
alter table amx.scope_pages drop column if exists assets;
