-- What a run may use up: {"maximumCostUsd": text or null, "maximumTokens": number, 0 for no limit}. Null: no limit. It can be raised
-- while the run goes on, so it is no part of the frozen settings.
alter table amx.runs add column budget jsonb;
-- Why claims hand out no more draft units, as an error with its remedy; null while there is room.
alter table amx.runs add column budget_error jsonb;

-- What a unit or a call is expected to use, set when it is let through under a budget: the reservation until what it really used
-- is known.
alter table amx.units add column estimated_tokens bigint;
alter table amx.units add column estimated_cost_usd numeric;
alter table amx.calls add column estimated_tokens bigint;
alter table amx.calls add column estimated_cost_usd numeric;

-- Whether the call went through the provider's batch API, at its rates.
alter table amx.calls add column batch boolean not null default false;
create index calls_of_unit on amx.calls (unit_id, attempt);
-- Calls that gave something and told no usage: they count by their estimate.
create index calls_unpriced on amx.calls (run_uid) where outcome is not null and cost_usd is null and reply is not null;
-- Usage by window of time.
create index calls_by_time on amx.calls (begun_at);
