-- What is proven of the backups of some databases at the end of a window: the newest that was complete by then and a restore's proof.
-- A backup that retention deleted afterwards was complete all the same; one known to be damaged is none.
select
    asked.target,
    newest.id as backup,
    newest.snapshot_at,
    coalesce(newest.window_end > %(start)s, false) as of_window,
    newest.stored_bytes,
    newest.rows,
    newest.tables,
    (select sum(stage.value::float8) from jsonb_each_text(newest.seconds) as stage) as seconds,
    proven.finished_at as proven_at,
    tried.state as tried,
    judged.summary as judged
from (
    select answer.target
    from upkeep.answer
    inner join upkeep.duty
        on duty.name = answer.duty
        and duty.area = 'backups'
    where answer.window_start = %(start)s
    and answer.window_end = %(end)s
    union
    select target.name
    from upkeep.duty
    inner join upkeep.target
        on target.kind = duty.target_kind
        and target.active
    where duty.active
    and duty.area = 'backups'
    and duty.cadence in ('daily', 'backups')
) as asked
left join lateral (
    select *
    from upkeep.backup
    where backup.target = asked.target
    and backup.window_end <= %(end)s
    and backup.state in ('complete', 'deleting', 'deleted')
    and backup.verified_at is not null
    and backup.damaged is null
    order by
        backup.snapshot_at desc,
        backup.id desc
    limit 1
) as newest
    on true
left join lateral (
    select restore.finished_at
    from upkeep.restore
    where restore.target = asked.target
    and restore.state = 'proven'
    and restore.finished_at <= %(end)s::timestamptz + (%(end)s::timestamptz - %(start)s::timestamptz)
    order by restore.finished_at desc
    limit 1
) as proven
    on true
left join lateral (
    select restore.state
    from upkeep.restore
    where restore.backup_id = newest.id
    and restore.state in ('proven', 'differs', 'failed')
    and restore.finished_at <= %(end)s::timestamptz + (%(end)s::timestamptz - %(start)s::timestamptz)
    order by restore.begun_at desc
    limit 1
) as tried
    on true
left join upkeep.answer as judged
    on judged.duty = 'backup_completed'
    and judged.target = asked.target
    and judged.window_start = %(start)s
    and judged.window_end = %(end)s
    and judged.status = 'ok'
order by asked.target
