-- What was open when a window began and no longer at its end, and what was mended within it: found, and gone when it was asked again.
select
    gone.duty,
    gone.target,
    gone.severity,
    gone.title,
    gone.found_at
from (
    select
        before.duty,
        before.target,
        before.severity::text as severity,
        before.title,
        before.found_at,
        before.object,
        before.fingerprint
    from upkeep.findings_as_of(%(start)s) as before
    left join upkeep.findings_as_of(%(end)s) as after
        on after.fingerprint = before.fingerprint
    where before.cadence = %(cadence)s
    and before.active
    and after.fingerprint is null
    union all
    select
        mended.duty,
        mended.target,
        mended.severity::text,
        mended.title,
        mended.found_at,
        mended.object,
        mended.fingerprint
    from upkeep.mended_finding as mended
    inner join upkeep.duty as duty
        on duty.name = mended.duty
        and duty.active
        and duty.cadence = %(cadence)s
    inner join upkeep.target as target
        on target.name = mended.target
        and target.active
    where mended.window_start = %(start)s
    and mended.window_end = %(end)s
) as gone
order by
    gone.severity::upkeep.severity desc,
    gone.duty,
    gone.target,
    gone.object,
    gone.fingerprint
