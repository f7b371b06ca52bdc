-- Rotations of some secrets, the newest first, each with its steps and the task that wrote it last.
select
    past.secret,
    past.reason,
    past.state,
    past.old,
    past.new,
    past.begun_at,
    past.staged_at,
    past.installed_at,
    past.proven_at,
    past.promoted_at,
    past.picked_up_at,
    past.picked_up_by,
    past.retired_at,
    past.dead_at,
    past.used_by,
    past.stopped_at,
    past.stopped_why,
    'secret_rotation' as duty,
    past.dag_id,
    past.run_id,
    past.task_id,
    past.map_index
from (
    select
        rotation.*,
        row_number() over (
            partition by rotation.secret
            order by
                rotation.begun_at desc,
                rotation.id desc
        ) as place
    from upkeep.rotation
    where rotation.secret = any(%(names)s)
) as past
where past.place <= %(most)s
order by
    past.begun_at desc,
    past.secret,
    past.place
limit 200
