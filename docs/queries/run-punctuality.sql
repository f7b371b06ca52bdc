-- How soon after the end of its window each cadence's runs began, and how long they took, in the 90 days before a moment.
-- Caveat: scheduled runs only; a run that was cleared later counts with its first start and its first report.
\if :{?moment} \else \set moment now \endif

select
    run.cadence,
    count(*) as runs,
    count(*) filter (where run.finished_at is null) as without_report,
    round(extract(epoch from avg(run.started_at - run.window_end)) / 60) as mean_delay_minutes,
    round(extract(epoch from max(run.started_at - run.window_end)) / 60) as longest_delay_minutes,
    round(extract(epoch from avg(run.finished_at - run.started_at))) as mean_seconds,
    round(extract(epoch from max(run.finished_at - run.started_at))) as longest_seconds
from upkeep.run as run
where run.run_type = 'scheduled'
and run.window_end > :'moment'::timestamptz - interval '90 days'
and run.window_end <= :'moment'
group by run.cadence
order by run.cadence;
