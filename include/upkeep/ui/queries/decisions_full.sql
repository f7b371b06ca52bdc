-- Decisions in full: one of them, or all that were opened in a span of time, oldest first.
select *
from upkeep.decision
where (%(key)s::text is null or key = %(key)s)
and (%(since)s::timestamptz is null or opened_at >= %(since)s)
and (%(until)s::timestamptz is null or opened_at < %(until)s)
order by
    opened_at,
    key
limit %(limit)s
