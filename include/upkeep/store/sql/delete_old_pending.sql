-- Delete a batch of questions that were put long ago and that nobody missed.
delete from upkeep.pending_answer
where (duty, target, window_start, window_end) in (
    select
        duty,
        target,
        window_start,
        window_end
    from upkeep.pending_answer
    where asked_at < %(before)s
    order by asked_at
    limit %(most)s
)
