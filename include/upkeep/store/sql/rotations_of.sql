select
    id::text,
    secret,
    reason,
    state,
    old,
    new,
    begun_at,
    staged_at,
    installed_at,
    proven_at,
    promoted_at,
    picked_up_at,
    picked_up_by,
    retired_at,
    dead_at,
    used_by,
    stopped_at,
    stopped_why
from upkeep.rotation
where secret = %(secret)s
order by begun_at desc, id desc
limit %(most)s
