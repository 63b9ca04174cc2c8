create table ins.inv (
  inv_no text primary key,
  pol_no text not null references ins.pol,
  due_dt date not null,
  tot_amt numeric(12, 2) not null,
  dun_lvl smallint not null default 0 check (dun_lvl between 0 and 3),
  wo_flg boolean not null default false
);

create table ins.sepa_mandate (
  mndt_ref varchar(35) primary key,
  ptnr_id bigint not null,
  sign_dt date not null,
  last_use_dt date,
  seq_typ char(4) not null check (seq_typ in ('FRST', 'RCUR', 'FNAL', 'OOFF'))
);

-- Mandates that were not used for 36 months may not be used again.
create view ins.valid_mandate as
select * from ins.sepa_mandate where coalesce(last_use_dt, sign_dt) > current_date - interval '36 months';
