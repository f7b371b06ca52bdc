-- What restore tests say, newest first, with the run that put the question. `rto` and `rpo` are the limits its findings named.
select
    test.target,
    test.backup_id,
    test.chosen_as,
    test.result,
    test.message,
    test.tested_at,
    test.window_start,
    test.window_end,
    test.snapshot_at,
    test.server_version,
    test.rows,
    test.copy_bytes,
    test.seconds,
    test.recovery_seconds,
    test.recovery_point,
    test.recovery_point_from,
    extract(epoch from test.tested_at - test.recovery_point)::float8 as age,
    test.indexes_checked,
    test.tables_checked,
    test.smoke,
    (select count(*) from jsonb_object_keys(test.objects)) as objects,
    test.manifest_sha256,
    test.restore_id,
    answer.status,
    answer.summary,
    nullif(answer.evidence ->> 'rto', '')::float8 as rto,
    nullif(answer.evidence ->> 'rpo', '')::float8 as rpo,
    answer.dag_id,
    answer.run_id,
    answer.task_id,
    answer.map_index
from upkeep.restore_test as test
inner join upkeep.answer as answer
    using (duty, target, window_start, window_end)
where (%(target)s::text is null or test.target = %(target)s)
and test.window_end > %(since)s
order by
    test.window_end desc,
    test.target,
    array_position(array['newest', 'drawn', 'rotation'], test.chosen_as),
    test.backup_id
limit %(limit)s
