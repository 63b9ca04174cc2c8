-- Rows of a unit that writes: a claim takes no more of them than a message holds without trouble.
alter table amx.units add column rows integer not null default 1;
