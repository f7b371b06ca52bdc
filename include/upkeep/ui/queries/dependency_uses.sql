-- Where a package is locked, in the newest answer of every repository.
select
    used.target,
    used.version,
    used.asked_for,
    used.file,
    used.line,
    used.direct,
    used.path,
    used.scope,
    used.origin,
    used.deprecated,
    count(*) over () as total
from upkeep.current_answer as newest
inner join upkeep.dependency as used
    on used.duty = newest.duty
    and used.target = newest.target
    and used.window_start = newest.window_start
    and used.window_end = newest.window_end
where newest.duty = 'vulnerabilities'
and used.ecosystem = %(ecosystem)s
and used.package = %(package)s
order by
    used.target,
    used.file,
    used.place
limit %(limit)s
offset %(offset)s
