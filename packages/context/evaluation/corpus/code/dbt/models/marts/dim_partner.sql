-- Surviving partners only; doubles point to theirs by golden_id.
select p.golden_id, p.birth_dt, p.segment_cd, p.aml_risk_cd, p.hardship_flg,
  count(*) over (partition by p.household_key) as hh_size
from {{ ref('stg_partner') }} p
where p.partner_id = p.golden_id and p.partner_no not like '99%'
