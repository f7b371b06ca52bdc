-- The newest run of each cadence with what it answered. A cadence without a run is not here.
select
    run.cadence,
    run.window_start,
    run.window_end,
    run.dag_id,
    run.run_id,
    run.run_type,
    run.started_at,
    run.finished_at,
    count(answer.duty) filter (where answer.status = 'ok') as ok,
    count(answer.duty) filter (where answer.status = 'breach') as breach,
    count(answer.duty) filter (where answer.status = 'unknown') as unknown,
    count(answer.duty) as answered,
    max(answer.asked_at) as asked_at
from upkeep.latest_run as run
left join upkeep.answer as answer
    on answer.cadence = run.cadence
    and answer.window_end = run.window_end
    and answer.window_start = run.window_start
group by
    run.cadence,
    run.window_start,
    run.window_end,
    run.dag_id,
    run.run_id,
    run.run_type,
    run.started_at,
    run.finished_at
order by array_position(array['daily', 'weekly', 'monthly', 'quarterly'], run.cadence)
