-- What a webhook will never send: changes of what it has sent already, and failures beyond the limit of their conversation.
with ranked as (
    select
        key,
        receipt is not null as told,
        kind = 'failure' and receipt is null and not doubt as untold_failure,
        pg_catalog.row_number() over (
            partition by conversation, kind
            order by
                (receipt is not null or doubt) desc,
                created_at,
                key
        ) as place
    from upkeep.message
    where conversation in (select pending.conversation from upkeep.message as pending where pending.state = 'pending')
)

update upkeep.message as message
set
    state = case when ranked.told then 'sent' else 'counted' end,
    delivered_revision = case when ranked.told then message.revision end,
    doubt = false
from ranked
where message.key = ranked.key
and message.state = 'pending'
and (ranked.told or (ranked.untold_failure and ranked.place > %(failures)s))
