-- Waivers of the file, the next to expire first, with how many open findings each quiets now.
select
    waiver.id,
    waiver.duty,
    waiver.target,
    waiver.rule,
    waiver.object,
    waiver.reason,
    waiver.issue,
    waiver.approver,
    waiver.starts_on,
    waiver.expires_on,
    (%(now)s at time zone 'UTC')::date >= waiver.starts_on and (%(now)s at time zone 'UTC')::date < waiver.expires_on as holds,
    coalesce(quieted.findings, 0) as findings
from upkeep.waiver as waiver
left join (
    select
        waiver_id,
        count(*) as findings
    from upkeep.findings_now(%(now)s)
    where resolved_at is null
    and waived
    and duty in (select duty from upkeep.waiver where active)
    group by waiver_id
) as quieted
    on quieted.waiver_id = waiver.id
where waiver.active
order by
    waiver.expires_on,
    waiver.id
