-- A window has a new answer that is not unknown: what it found again was never gone; the rest is, from now on.
with found_again as (
    delete from upkeep.replaced_finding
    where duty = %(duty)s
    and target = %(target)s
    and window_start = %(start)s
    and window_end = %(end)s
    and fingerprint = any(%(found)s)
)

update upkeep.replaced_finding
set gone_at = %(at)s
where duty = %(duty)s
and target = %(target)s
and window_start = %(start)s
and window_end = %(end)s
and gone_at is null
and fingerprint <> all(%(found)s)
