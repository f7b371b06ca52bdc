-- Note what a window has before it is written again, so that what is gone afterwards is known, and since when what is found again is.
insert into upkeep.replaced_finding (
    duty, target, window_start, window_end, fingerprint, rule, object, severity, title, remedy, found_at
)
select
    finding.duty,
    finding.target,
    finding.window_start,
    finding.window_end,
    finding.fingerprint,
    finding.rule,
    finding.object,
    finding.severity,
    finding.title,
    finding.remedy,
    finding.found_at
from upkeep.finding as finding
where finding.duty = %s
and finding.target = %s
and finding.window_start = %s
and finding.window_end = %s
on conflict (duty, target, window_end, window_start, fingerprint) do update
set
    severity = excluded.severity,
    title = excluded.title,
    remedy = excluded.remedy,
    found_at = least(replaced_finding.found_at, excluded.found_at),
    gone_at = null
