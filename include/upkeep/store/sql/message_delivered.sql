-- Slack has taken a revision. Nothing happens when another process has taken over since (its claim ends at another moment).
update upkeep.message
set
    state = case when revision = %(revision)s then 'sent' else 'pending' end,
    attempts = 0,
    claimed_until = null,
    delivery_uncertain = false,
    delivered_revision = %(revision)s,
    delivered_at = pg_catalog.clock_timestamp(),
    slack_ref = %(slack_ref)s,
    error = null
where key = %(key)s
and claimed_until = %(claimed_until)s
