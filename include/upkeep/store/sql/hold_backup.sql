-- Hold a backup or let it go, and keep who said so. Returns nothing when it is not there any more.
with changed as (
    update upkeep.backup
    set legal_hold = %(held)s
    where backup.id = %(id)s
    and backup.state in ('taking', 'complete')
    returning backup.id
)

insert into upkeep.backup_hold (backup_id, held, why, said_by)
select
    changed.id,
    %(held)s::text is not null,
    %(why)s,
    %(said_by)s
from changed
returning backup_id
