-- Whether anybody waits for a lock that this server process holds, or for its place in the queue of one.
select
    exists (
        select
        from pg_catalog.pg_locks as waiting
        where not waiting.granted
        and waiting.pid <> %(pid)s
        and %(pid)s = any(pg_catalog.pg_blocking_pids(waiting.pid))
    ) as waits
