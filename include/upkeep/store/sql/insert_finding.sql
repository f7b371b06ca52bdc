-- One observation of one thing wrong.
insert into upkeep.finding (
    duty, target, window_start, window_end, fingerprint, rule, object, severity, title, remedy, value, limit_value, unit, details
)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
