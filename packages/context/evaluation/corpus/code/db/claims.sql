-- The book of claims as the core system writes it. Owner: claims platform.
create table ins.clm (
  clm_id bigint generated always as identity primary key,
  clm_no text not null unique check (clm_no ~ '^S[0-9]{9}$'),
  pol_no text not null references ins.pol (pol_no),
  clm_stat_cd char(1) not null default 'O' check (clm_stat_cd in ('O', 'R', 'C', 'X')),
  notif_dt date not null,
  loss_dt date not null check (loss_dt <= notif_dt),
  reopn_cnt smallint not null default 0,
  liab_pct numeric(5, 2) check (liab_pct between 0 and 100)
);

-- One row per estimate; the newest by est_ts counts.
create table ins.clm_rsv (
  clm_id bigint not null references ins.clm,
  rsv_typ text not null check (rsv_typ in ('DMG', 'EXT', 'INT')),
  rsv_amt numeric(14, 4) not null,
  est_ts timestamptz not null default now(),
  appr2_usr text,
  constraint four_eyes check (rsv_amt <= 25000 or appr2_usr is not null)
);

create table ins.clm_pay (
  pay_id bigint primary key,
  clm_id bigint not null references ins.clm,
  pay_typ text not null check (pay_typ in ('IND', 'EXP')),
  payee_typ text not null check (payee_typ in ('CUST', 'SHOP', 'BANK', 'TP')),
  val_dt date not null,
  rls_usr text,
  ret_rsn_cd char(4)
);
comment on column ins.clm_pay.ret_rsn_cd is 'Return reason of the bank by ISO 20022, such as AC04 for a closed account';
