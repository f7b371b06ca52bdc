-- Drop the evidence of a batch of old answers; the answers stay.
update upkeep.answer as answer
set evidence = '{}'
from (
    select
        duty,
        target,
        window_start,
        window_end
    from upkeep.answer
    where evidence <> '{}'
    and window_end <= %(before)s
    order by window_end
    limit %(most)s
    for update skip locked
) as old
where answer.duty = old.duty
and answer.target = old.target
and answer.window_start = old.window_start
and answer.window_end = old.window_end
