update upkeep.spend_delivery
set changed_rows = %(changed)s
where id = %(delivery)s
