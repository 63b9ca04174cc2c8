{{ config(materialized='incremental', unique_key=['pol_no', 'month_end']) }}
-- Pro rata temporis: days of the month inside the term, over days of the term.
with terms as (select pol_no, term_start, term_end, gwp_amt from {{ ref('stg_premium') }}),
months as (select month_start, month_end from {{ ref('calendar_months') }})
select t.pol_no, m.month_end,
  t.gwp_amt * (least(t.term_end, m.month_end) - greatest(t.term_start, m.month_start) + 1)::numeric
    / (t.term_end - t.term_start + 1) as earned_amt
from terms t join months m on m.month_start <= t.term_end and m.month_end >= t.term_start
