-- Tokens that a unit and a call were let through with, where the LLMProfile limits requests or tokens per minute: what the call
-- used in the end is settled against them. A unit's stand until its first call takes them over.
alter table amx.units add column reserved_tokens bigint;
alter table amx.calls add column reserved_tokens bigint;
