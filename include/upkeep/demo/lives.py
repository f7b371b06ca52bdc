"""What is told of the demo's made-up past: findings that came and went, and nights on which nobody could tell."""

from dataclasses import dataclass

from upkeep.answer import Finding, Severity

RUN = "made up for the demo"


@dataclass(frozen=True, slots=True)
class Life:
    """A finding that was there from one age to another, in days before the demo's first."""

    duty: str
    oldest: int
    newest: int
    finding: Finding


def _life(duty: str, days: tuple[int, int], severity: Severity, about: tuple[str, str, str], remedy: str) -> Life:
    rule, thing, title = about
    return Life(duty, *days, Finding(rule=rule, object=thing, severity=severity, title=f"{title} ({RUN})", remedy=remedy))


LIVES = (
    _life(
        "connection_use",
        (86, 84),
        Severity.HIGH,
        ("connections_near_limit", "role shop_legacy", "role shop_legacy uses 9 of its 10 connections"),
        "alter role shop_legacy connection limit 20;",
    ),
    _life(
        "stale_statistics",
        (88, 70),
        Severity.MEDIUM,
        ("never_analyzed", "public.returns", "public.returns was never analyzed"),
        "analyze public.returns;",
    ),
    _life(
        "table_bloat",
        (82, 47),
        Severity.MEDIUM,
        ("bloated_table", "public.baskets", "public.baskets is 41 % empty (limit 30 %)"),
        "vacuum (full, analyze) public.baskets;",
    ),
    _life(
        "unused_indexes",
        (89, 26),
        Severity.LOW,
        ("unused_index", "public.orders_note", "public.orders_note was not read in 90 days"),
        "drop index concurrently public.orders_note;",
    ),
    _life(
        "idle_in_transaction",
        (64, 63),
        Severity.HIGH,
        ("idle_in_transaction", "shop_app@export", "a session of shop_app is idle in a transaction for 3 h"),
        "alter role shop_app set idle_in_transaction_session_timeout = '5min';",
    ),
    _life(
        "replication_slots",
        (55, 49),
        Severity.CRITICAL,
        ("slot_inactive", "old_copy", "slot old_copy keeps 38 GiB of WAL and nobody reads it"),
        "select pg_drop_replication_slot('old_copy');",
    ),
    _life(
        "replication_slots",
        (31, 29),
        Severity.CRITICAL,
        ("slot_inactive", "old_copy", "slot old_copy keeps 12 GiB of WAL and nobody reads it"),
        "select pg_drop_replication_slot('old_copy');",
    ),
    _life(
        "sequences",
        (40, 12),
        Severity.MEDIUM,
        ("sequence_near_end", "public.clicks_id_seq", "public.clicks_id_seq is 76 % used (limit 75 %)"),
        "alter table public.clicks alter column id type bigint;",
    ),
    _life(
        "long_transactions",
        (20, 20),
        Severity.HIGH,
        ("long_transaction", "shop_app@report", "a transaction of shop_app is open for 2.4 h"),
        "alter role shop_app set statement_timeout = '30min';",
    ),
    _life(
        "duplicate_indexes",
        (23, 9),
        Severity.LOW,
        ("duplicate_index", "public.visits_day", "public.visits_day is there twice"),
        "drop index concurrently public.visits_day_2;",
    ),
)
# Days before the demo's first: the server was away for two nights, and a right was missing for a week.
AWAY = frozenset({67, 18})
NO_RIGHT = ("settings", 37, 31)
