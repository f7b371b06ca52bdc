-- Everything wrong that one answer found.
copy upkeep.finding (
    duty, target, window_start, window_end, fingerprint, rule, object, severity, title, remedy, value, limit_value, unit, details,
    due_by, own_clock, found_at
)
from stdin
