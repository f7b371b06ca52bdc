select
    work.id,
    work.target,
    work.table_name,
    work.action,
    work.reasons,
    work.outcome,
    work.message,
    work.begun_at,
    work.seconds,
    work.predicted_rows,
    work.removed_rows,
    work.kept_rows,
    work.wal_bytes,
    work.held_back_by,
    work.before,
    work.after
from upkeep.table_maintenance as work
where work.target = %(target)s
order by
    work.begun_at desc,
    work.id
limit 20000
