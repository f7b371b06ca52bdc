-- How long findings lasted that were resolved in the 90 days before a moment.
-- Caveat: only the newest episode of a finding counts, and a finding still open does not count at all.
\if :{?moment} \else \set moment now \endif

select
    life.severity,
    count(*) as resolved,
    round((extract(epoch from avg(life.gone_at - life.found_at)) / 86400)::numeric, 1) as mean_days,
    round((percentile_cont(0.5) within group (order by extract(epoch from life.gone_at - life.found_at)) / 86400)::numeric, 1)
        as median_days,
    count(*) filter (where life.gone_at > life.due_at) as too_late
from upkeep.finding_life_as_of(:'moment') as life
where life.state = 'resolved'
and life.gone_at > :'moment'::timestamptz - interval '90 days'
group by life.severity
order by life.severity desc;
