-- Waivers that end in the 30 days after a moment, and how many open findings each quiets: renew or fix.
\if :{?moment} \else \set moment now \endif

select
    waiver.expires_on,
    waiver.duty,
    coalesce(waiver.target, 'every target') as target,
    waiver.approver,
    waiver.reason,
    waiver.issue,
    count(finding.fingerprint) as open_findings
from upkeep.waiver as waiver
left join upkeep.findings_as_of(:'moment') as finding
    on finding.waiver_id = waiver.id
where waiver.active
and waiver.expires_on >= :'moment'::date
and waiver.expires_on < :'moment'::date + 30
group by waiver.id
order by
    waiver.expires_on,
    waiver.id;
