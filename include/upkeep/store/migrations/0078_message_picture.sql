-- Charts of a message: replies in its thread, each a file that a bot uploads once.

alter table upkeep.message drop constraint message_kind_check;
alter table upkeep.message add constraint message_kind_check check (kind in ('summary', 'backfill', 'failure', 'picture'));
comment on column upkeep.message.kind is 'summary of a run or backfill of many heads a thread; failure and picture are replies in it.';
comment on column upkeep.message.body is 'text (fallback) and blocks as Slack takes them; parts are the windows of a backfill, chart is what a picture draws.';
comment on column upkeep.message.state is 'pending: something is to be sent; sent; counted: not sent on its own, as failures beyond a webhook''s limit and pictures, which no webhook takes; failed: a person must mend the connection.';
comment on column upkeep.message.slack_ref is 'Where it stands: channel and ts of the bot API, file of a picture; empty for a webhook, which tells neither.';
