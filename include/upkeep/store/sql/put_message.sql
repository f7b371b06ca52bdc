-- Say something, or say it differently: a new body raises the revision, the same body changes nothing and gives no row.
insert into upkeep.message (key, thread, kind, body, final)
values (%(key)s, %(thread)s, %(kind)s, %(body)s, %(final)s)
on conflict (key) do update set
    body = excluded.body,
    final = excluded.final,
    revision = message.revision + 1,
    state = 'pending',
    attempts = 0,
    changed_at = pg_catalog.clock_timestamp()
where message.body <> excluded.body
or message.final <> excluded.final
returning revision
