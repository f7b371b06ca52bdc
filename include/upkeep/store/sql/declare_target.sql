-- One target as the inventory says it; a row that already says so is left alone.
insert into upkeep.target as old (name, kind, owner, owner_slack, red_at, tags, runbook, active)
values (%s, %s, %s, %s, %s, %s, %s, true)
on conflict (name) do update set
    kind = excluded.kind,
    owner = excluded.owner,
    owner_slack = excluded.owner_slack,
    red_at = excluded.red_at,
    tags = excluded.tags,
    runbook = excluded.runbook,
    active = excluded.active
where old.* is distinct from excluded.*
