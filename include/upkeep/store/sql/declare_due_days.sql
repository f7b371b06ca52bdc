-- Days within which a finding of one severity must be gone.
insert into upkeep.due_days as old (severity, days)
values (%s, %s)
on conflict (severity) do update set
    days = excluded.days
where old.days <> excluded.days
