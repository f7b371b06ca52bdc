-- The targets of the whole system for some windows, the oldest first.
select
    card.*,
    given.until as window_end
from unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) as given (since, until)
cross join lateral upkeep.scorecard(given.since, given.until) as card
order by
    given.until,
    card.place
