-- Development of each claim by month: paid so far, still expected, taken back.
select c.clm_no, m.month_end,
  coalesce(p.paid_to_date, 0) as paid_cum_amt,
  coalesce(r.outstanding, 0) as os_amt,
  coalesce(p.paid_to_date, 0) + coalesce(r.outstanding, 0) - coalesce(x.recovered, 0) as incurred_amt
from {{ ref('stg_claim') }} c
join {{ ref('calendar_months') }} m on m.month_end >= c.notif_dt
left join {{ ref('int_paid') }} p using (clm_no, month_end)
left join {{ ref('int_reserve') }} r using (clm_no, month_end)
left join {{ ref('int_recovery') }} x using (clm_no, month_end)
where c.clm_stat_cd <> 'X'
