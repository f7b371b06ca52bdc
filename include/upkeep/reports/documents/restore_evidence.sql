-- What restore tests of a window looked at, with what names it: the manifest's sum, and one over the sums of every object that was read.
select
    test.target,
    test.backup_id,
    test.chosen_as,
    test.result,
    test.message,
    test.tested_at,
    test.snapshot_at,
    test.rows,
    test.copy_bytes,
    test.recovery_seconds,
    test.recovery_point,
    test.recovery_point_from,
    test.indexes_checked,
    test.tables_checked,
    test.smoke,
    test.seconds,
    test.manifest_sha256,
    test.objects,
    restore.exactness,
    restore.detail
from upkeep.restore_test as test
left join upkeep.restore as restore
    on restore.id = test.restore_id
where test.window_start = %(start)s
and test.window_end = %(end)s
order by
    test.target,
    array_position(array['newest', 'drawn', 'rotation'], test.chosen_as),
    test.backup_id
