-- What was approved begins once it was seen to hold: a rerun goes on from there instead of asking again about what is half done.

alter table upkeep.decision add column begun_at timestamptz;
comment on column upkeep.decision.begun_at is
'Of an approved plan: when it was seen to be as it was shown and began; a rerun goes on with it.';
