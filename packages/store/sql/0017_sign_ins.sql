-- Sign-ins of browsers. What they hold is sealed with a secret that only the browser has, so that the store gives nobody away.

create table amx.sign_ins (
  -- Digest of the secret.
  digest text primary key,
  -- A code is taken once and becomes a session.
  kind text not null check (kind in ('Code', 'Session')),
  sealed bytea not null,
  expires_at timestamptz not null
);
create index sign_ins_by_end on amx.sign_ins (expires_at);
