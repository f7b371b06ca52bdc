-- What a webhook will never send: changes of what it has sent already, pictures, and failures beyond the limit of their thread.
with ranked as (
    select
        key,
        slack_ref is not null as told,
        kind = 'picture' as is_picture,
        kind = 'failure' and slack_ref is null and not delivery_uncertain as untold_failure,
        pg_catalog.row_number() over (
            partition by thread, kind
            order by
                (slack_ref is not null or delivery_uncertain) desc,
                created_at,
                key
        ) as place
    from upkeep.message
    where thread in (select pending.thread from upkeep.message as pending where pending.state = 'pending')
)

update upkeep.message as message
set
    state = case when ranked.told then 'sent' else 'counted' end,
    delivered_revision = case when ranked.told then message.revision end,
    delivery_uncertain = false
from ranked
where message.key = ranked.key
and message.state = 'pending'
and (ranked.told or ranked.is_picture or (ranked.untold_failure and ranked.place > %(failures)s))
