-- One duty as the code says it; a row that already says so is left alone.
insert into upkeep.duty as old (name, area, kind, cadence, owner, title, dated, target_kind, active)
values (%s, %s, %s, %s, %s, %s, %s, %s, true)
on conflict (name) do update set
    area = excluded.area,
    kind = excluded.kind,
    cadence = excluded.cadence,
    owner = excluded.owner,
    title = excluded.title,
    dated = excluded.dated,
    target_kind = excluded.target_kind,
    active = excluded.active
where old.* is distinct from excluded.*
