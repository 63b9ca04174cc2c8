create table ins.pol (
  pol_no text primary key,
  ptnr_id bigint not null,
  incep_dt date not null,
  exp_dt date not null,
  pol_stat text not null check (pol_stat in ('ACT', 'SUSP', 'LAPS', 'CANC')),
  cancl_rsn_cd text,
  ded_amt numeric(10, 2) not null,
  ncb_cls text not null,
  tariff_gen text not null
);

create table ins.pol_endt (
  pol_no text not null references ins.pol,
  endt_seq integer not null check (endt_seq >= 0),
  eff_dt date not null,
  chg_kind text not null,
  primary key (pol_no, endt_seq)
);

-- Next number of an addendum, without gaps even when two clerks work at once.
create function ins.next_endt_seq(wanted_pol text) returns integer language sql as $$
  select coalesce(max(endt_seq) + 1, 0) from ins.pol_endt where pol_no = wanted_pol for update
$$;
