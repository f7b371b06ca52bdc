-- Delete a batch of messages that were told long ago. What is still to be sent stays.
delete from upkeep.message
where key in (
    select key
    from upkeep.message
    where changed_at < %(before)s
    and state <> 'pending'
    order by changed_at
    limit %(most)s
    for update skip locked
)
