-- Seconds until something that should not be left to a later call can be sent; null when there is nothing.
-- Caveat: what another process is sending just now counts as half a second away, since its next revision may be ours to send.
select
    pg_catalog.min(
        case
            when claimed_until > pg_catalog.clock_timestamp() then 0.5
            else greatest(0.1, extract(epoch from next_attempt_at - pg_catalog.clock_timestamp()))
        end
    )::float8 as wait_s
from upkeep.message
where state = 'pending'
and (final or (%(editable)s and delivered_at is null))
and not (not %(editable)s and kind = 'backfill')
