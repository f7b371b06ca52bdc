-- What restore tests of earlier windows said about each backup of a target. The window under way is left out, so that a rerun chooses the same.
select
    test.backup_id,
    test.result,
    test.tested_at,
    test.window_end
from upkeep.restore_test as test
where test.target = %(target)s
and test.window_end <= %(before)s
order by
    test.window_end,
    test.backup_id
