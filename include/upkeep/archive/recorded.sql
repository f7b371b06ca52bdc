-- Files of a table's archive that were published and reported, whatever became of them in the store.
select
    batch.batch,
    batch.archived_table,
    batch.relation,
    batch.location,
    batch.rows,
    batch.bytes,
    batch.digest,
    batch.sha256,
    batch.first,
    batch.before,
    batch.copied_at,
    batch.window_start,
    batch.window_end
from upkeep.archive_batch as batch
where batch.target = %(target)s
and batch.archived_table = %(table)s
order by
    batch.batch,
    batch.window_end
