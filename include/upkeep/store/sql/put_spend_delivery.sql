insert into upkeep.spend_delivery (
    account,
    what,
    said_at,
    first_day,
    last_day,
    source_rows
)
values (%s, %s, %s, %s, %s, %s)
returning id
