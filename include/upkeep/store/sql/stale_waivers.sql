-- Waivers still in the file that have expired, or that no finding open at a moment needs. One that starts later is not stale.
select
    waiver.id,
    waiver.duty,
    waiver.target,
    waiver.rule,
    waiver.object,
    waiver.approver,
    waiver.issue,
    waiver.expires_on,
    waiver.expires_on <= (%(moment)s::timestamptz at time zone 'UTC')::date as expired
from upkeep.waiver as waiver
where waiver.active
and waiver.starts_on <= (%(moment)s::timestamptz at time zone 'UTC')::date
and (
    waiver.expires_on <= (%(moment)s::timestamptz at time zone 'UTC')::date
    or not exists (
        select
        from upkeep.findings_as_of(%(moment)s) as finding
        where finding.duty = waiver.duty
        and (waiver.target is null or waiver.target = finding.target)
        and (waiver.rule is null or waiver.rule = finding.rule)
        and (
            waiver.object is null
            or waiver.object = finding.object
            or exists (
                select
                from upkeep.vulnerability as fault
                where fault.duty = finding.duty
                and fault.target = finding.target
                and fault.object = finding.object
                and waiver.object = any(fault.also_called)
            )
        )
    )
)
order by
    waiver.expires_on,
    waiver.id
