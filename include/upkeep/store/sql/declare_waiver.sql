-- One waiver as the file says it; a row that already says so is left alone.
insert into upkeep.waiver as old (id, duty, target, rule, object, reason, issue, approver, starts_on, expires_on, active)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, true)
on conflict (id) do update set
    reason = excluded.reason,
    issue = excluded.issue,
    approver = excluded.approver,
    starts_on = excluded.starts_on,
    expires_on = excluded.expires_on,
    active = excluded.active
where old.* is distinct from excluded.*
