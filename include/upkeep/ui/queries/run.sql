-- The window that a DAG run is about: it holds the window's row, or a newer run took that over and only some answers are left.
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
    run.finished_at is null or coalesce(run.again_at > run.reported_at, false) as under_way,
    true as holds
from upkeep.run as run
where run.dag_id = %(dag_id)s
and run.run_id = %(run_id)s
union all
select
    newer.cadence,
    newer.window_start,
    newer.window_end,
    newer.dag_id,
    newer.run_id,
    newer.run_type,
    newer.started_at,
    newer.finished_at,
    newer.again_at,
    newer.reported_at,
    newer.finished_at is null or coalesce(newer.again_at > newer.reported_at, false),
    false
from (
    select
        cadence,
        window_start,
        window_end
    from upkeep.answer
    where dag_id = %(dag_id)s
    and run_id = %(run_id)s
    order by window_end desc
    limit 1
) as left_over
inner join upkeep.run as newer
    on newer.cadence = left_over.cadence
    and newer.window_start = left_over.window_start
    and newer.window_end = left_over.window_end
order by
    12 desc,
    3 desc
limit 1
