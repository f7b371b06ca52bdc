-- Take the most pressing message that is due, for as long as the lease: heads of threads before replies, finals before progress.
-- Caveat: a reply waits until its thread has a place in Slack; without any head it goes alone after ten minutes. A webhook cannot
-- edit or thread: it sends a head once, when it is final, and a backfill's when no window has been added for ten minutes.
with due as (
    select
        message.key,
        message.delivery_uncertain,
        head.slack_ref ->> 'ts' as thread_ts
    from upkeep.message as message
    left join upkeep.message as head
        on head.thread = message.thread
        and head.kind in ('summary', 'backfill')
        and message.kind in ('failure', 'picture')
    where message.state = 'pending'
    and message.next_attempt_at <= pg_catalog.clock_timestamp()
    and (message.claimed_until is null or message.claimed_until <= pg_catalog.clock_timestamp())
    and case
        when %(editable)s and message.kind in ('failure', 'picture')
        then
            head.slack_ref is not null
            or head.state = 'failed'
            or (head.key is null and message.created_at <= pg_catalog.clock_timestamp() - interval '10 minutes')
        when %(editable)s
        then
            message.final
            or message.delivered_at is null
            or message.delivered_at <= pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => %(pause_s)s)
        when message.slack_ref is not null
        then false
        when message.kind = 'backfill'
        then message.final and message.changed_at <= pg_catalog.clock_timestamp() - interval '10 minutes'
        else message.final and message.kind <> 'picture'
    end
    order by
        message.kind in ('failure', 'picture'),
        message.final desc,
        message.created_at,
        message.key
    limit 1
    for update of message skip locked
)

update upkeep.message as claimed
set
    attempts = claimed.attempts + 1,
    claimed_until = pg_catalog.clock_timestamp() + pg_catalog.make_interval(secs => %(lease_s)s),
    delivery_uncertain = true
from due
where claimed.key = due.key
returning
    claimed.key,
    claimed.thread,
    claimed.kind,
    claimed.body,
    claimed.revision,
    claimed.attempts,
    claimed.claimed_until,
    due.delivery_uncertain,
    claimed.slack_ref,
    due.thread_ts,
    claimed.created_at
