-- Values of one metric in earlier windows of the same duty and target, oldest first.
select
    at,
    value,
    unit,
    labels,
    numerator,
    denominator,
    n
from upkeep.metric
where duty = %(duty)s
and target = %(target)s
and name = %(name)s
and at >= %(since)s
and window_end <= %(before)s
order by at, labels
