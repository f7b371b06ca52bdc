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
    run.again_at,
    run.reported_at,
    run.under_way,
    said.ok,
    said.breach,
    said.unknown,
    said.answered,
    said.asked_at
from upkeep.latest_run as run
cross join lateral (
    select
        count(*) filter (where answer.status = 'ok') as ok,
        count(*) filter (where answer.status = 'breach') as breach,
        count(*) filter (where answer.status = 'unknown') as unknown,
        count(*) as answered,
        max(answer.asked_at) as asked_at
    from upkeep.answer as answer
    where answer.cadence = run.cadence
    and answer.window_end = run.window_end
    and answer.window_start = run.window_start
) as said
order by array_position(%(cadences)s::text[], run.cadence)
