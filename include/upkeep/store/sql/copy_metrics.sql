-- Every number of one answer.
copy upkeep.metric (
    duty, target, window_start, window_end, name, labels, at, value, unit, numerator, denominator, n
)
from stdin
