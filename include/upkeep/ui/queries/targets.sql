-- Targets that pass the filters, a page of them, worst first.
with open as materialized (
    select
        target,
        count(*) filter (where not waived) as findings,
        count(*) filter (where red) as red,
        max(severity) filter (where not waived) as worst
    from upkeep.findings_now(%(now)s)
    where resolved_at is null
    and active
    and (%(area)s::text is null or area = %(area)s)
    group by target
),

unsure as materialized (
    select
        target,
        count(*) as unknown
    from upkeep.current_answer
    where status = 'unknown'
    and (%(area)s::text is null or area = %(area)s)
    group by target
)

select
    target.name as target,
    target.owner,
    target.kind,
    target.tags,
    coalesce(open.red, 0) as red,
    coalesce(open.findings, 0) as findings,
    open.worst::text as worst,
    coalesce(unsure.unknown, 0) as unknown,
    count(*) over () as total
from upkeep.target as target
left join open
    on open.target = target.name
left join unsure
    on unsure.target = target.name
where target.active
and (%(owner)s::text is null or target.owner = %(owner)s)
and (%(tag)s::text is null or target.tags @> array[%(tag)s::text])
and (%(text)s::text is null or position(lower(%(text)s) in lower(target.name || ' ' || target.owner)) > 0)
and case %(state)s
    when 'red' then coalesce(open.red, 0) > 0
    when 'breach' then coalesce(open.findings, 0) > 0
    when 'unknown' then coalesce(unsure.unknown, 0) > 0
    when 'ok' then coalesce(open.findings, 0) = 0 and coalesce(unsure.unknown, 0) = 0
    else true
end
order by
    coalesce(open.red, 0) > 0 desc,
    open.worst desc nulls last,
    coalesce(open.red, 0) desc,
    coalesce(open.findings, 0) desc,
    coalesce(unsure.unknown, 0) desc,
    target.name
limit %(limit)s
offset %(offset)s
