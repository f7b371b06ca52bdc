insert into upkeep.spend_file (
    account,
    name,
    stamp,
    reading,
    counts_for,
    first_day,
    last_day,
    source_rows,
    delivery
)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (account, name) do update
set
    stamp = excluded.stamp,
    reading = excluded.reading,
    counts_for = excluded.counts_for,
    first_day = excluded.first_day,
    last_day = excluded.last_day,
    source_rows = excluded.source_rows,
    delivery = excluded.delivery
where (spend_file.stamp, spend_file.reading, spend_file.counts_for)
    is distinct from (excluded.stamp, excluded.reading, excluded.counts_for)
