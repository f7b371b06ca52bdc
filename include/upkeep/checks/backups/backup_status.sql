-- What the daily runs of a window said of one target's backups, a row for each run: the answer, what was found, and the retention's.
-- A run without an answer has an empty status. Restores are those that ended in the window.
select
    run.window_start as day,
    coalesce(answer.status::text, '') as status,
    array(
        select finding.rule
        from upkeep.finding as finding
        where finding.duty = answer.duty
        and finding.target = answer.target
        and finding.window_start = answer.window_start
        and finding.window_end = answer.window_end
        order by finding.rule
    ) as rules,
    exists (
        select
        from upkeep.finding as finding
        where finding.duty = 'retention'
        and finding.target = %(target)s
        and finding.rule in ('retention_stopped', 'newest_backup_not_whole')
        and finding.window_end > run.window_start
        and finding.window_end <= run.window_end
    ) as retention_stopped,
    (
        select count(*)
        from upkeep.restore as restore
        where restore.target = %(target)s
        and restore.state in ('failed', 'differs')
        and restore.finished_at > run.window_start
        and restore.finished_at <= run.window_end
    ) as restores_failed,
    (
        select max(restore.finished_at)
        from upkeep.restore as restore
        where restore.target = %(target)s
        and restore.state = 'proven'
        and restore.finished_at <= %(end)s
    ) as proven_at,
    (
        select max(restore.finished_at)
        from upkeep.restore as restore
        where restore.target = %(target)s
        and restore.state in ('failed', 'differs')
        and restore.finished_at <= %(end)s
    ) as failed_at
from upkeep.run as run
left join upkeep.answer as answer
    on answer.duty = 'backup_completed'
    and answer.target = %(target)s
    and answer.window_start = run.window_start
    and answer.window_end = run.window_end
where run.cadence = 'daily'
and run.window_start >= %(start)s
and run.window_end <= %(end)s
order by run.window_start
