-- How the session of this server process is encrypted: "TLSv1.3", "GSSAPI", or "" for not at all.
-- Caveat: behind a pooler it is the pooler's session that is described, not ours with the pooler.
select coalesce(
    (select tls.version from pg_catalog.pg_stat_ssl as tls where tls.pid = pg_catalog.pg_backend_pid() and tls.ssl),
    (select 'GSSAPI' from pg_catalog.pg_stat_gssapi as gss where gss.pid = pg_catalog.pg_backend_pid() and gss.encrypted),
    ''
) as protocol
