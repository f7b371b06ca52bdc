-- What was done to tables between two moments, by target and kind, with rows removed and kept, sizes and time.
select
    work.target,
    work.action,
    (count(*) filter (where work.outcome = 'done'))::int8 as done,
    (count(*) filter (where work.outcome <> 'done'))::int8 as others,
    coalesce(sum(work.predicted_rows) filter (where work.outcome = 'done'), 0)::float8 as predicted,
    coalesce(sum(work.removed_rows) filter (where work.outcome = 'done'), 0)::float8 as removed,
    coalesce(sum(work.kept_rows) filter (where work.outcome = 'done'), 0)::float8 as kept,
    coalesce(
        sum((work.before ->> 'table_bytes')::float8 - (work.after ->> 'table_bytes')::float8) filter (where work.outcome = 'done'), 0
    )::float8 as freed_bytes,
    coalesce(sum(work.wal_bytes), 0)::float8 as wal_bytes,
    coalesce(sum(work.seconds), 0)::float8 as seconds
from upkeep.table_maintenance as work
where work.window_start >= %(start)s
and work.window_end <= %(end)s
group by
    work.target,
    work.action
order by
    work.target,
    work.action
