-- What a reviewer saw of a row: counted up by every decision that changes it, also by one about another run's row that takes
-- its place in the queue.
alter table amx.assets add column revision integer not null default 0;
