-- What a window had before, and since when.
select
    fingerprint,
    found_at
from upkeep.replaced_finding
where duty = %s
and target = %s
and window_start = %s
and window_end = %s
