-- Bookings of the core system folded to one row per term. Reversals (kind STO) cancel the booking they name.
select pol_no, min(eff_dt) as term_start, max(exp_dt) as term_end,
  sum(case when txn_kind = 'STO' then -gross_amt else gross_amt end) - sum(tax_amt) as gwp_amt
from {{ source('core', 'prem_txn') }}
group by pol_no, term_key
