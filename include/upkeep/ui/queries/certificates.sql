-- The certificates that each endpoint showed when it was last asked, first to end first.
select
    certificate.target,
    certificate.place,
    certificate.subject,
    certificate.issuer,
    certificate.names,
    certificate.key,
    certificate.not_before,
    certificate.not_after,
    certificate.sha256,
    (extract(epoch from certificate.not_after - %(now)s) / extract(epoch from certificate.not_after - certificate.not_before))::float8
        as share_left,
    newest.asked_at,
    newest.dag_id,
    newest.run_id,
    newest.task_id,
    newest.map_index,
    count(*) over () as total
from upkeep.current_answer as newest
inner join upkeep.certificate as certificate
    on certificate.duty = newest.duty
    and certificate.target = newest.target
    and certificate.window_start = newest.window_start
    and certificate.window_end = newest.window_end
where newest.duty = 'certificates'
order by
    certificate.not_after,
    certificate.target,
    certificate.place
limit %(limit)s
offset %(offset)s
