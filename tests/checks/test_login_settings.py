"""No setting of the login that asks changes an answer: every one that a user may set is set to something unlike the usual."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.checks.hostile_settings import give, own_settings, values_of
from tests.checks.test_every_check import CHECKS, TODAY
from tests.lab import Lab, fresh_database
from upkeep.answer import Answer
from upkeep.duty import Duty
from upkeep.errors import BrokenError
from upkeep.sources.scratch import ScratchServer

# Counts temporary files of the whole server, and a question of ours with little memory may have written one.
COUNTING = {"temp_files"}
ASKED = [duty for duty in CHECKS if duty.name not in COUNTING]
# Measures the whole server, whose WAL grows with whatever else is done there.
GROWING = {"database_growth"}
LOGIN = "watcher with settings"
LOW: dict[str, dict[str, Any]] = {
    "duplicate_indexes": {"min_mb": 0.01},
    "foreign_key_indexes": {"min_rows": 100},
    "index_bloat": {"min_mb": 0.05, "share": 0.1},
    "table_bloat": {"min_mb": 0.05, "share": 0.1},
    "unused_indexes": {"min_mb": 0.01, "evidence_days": 0},
    "idle_in_transaction": {"limit_s": 0},
    "long_transactions": {"limit_s": 0},
    "stale_statistics": {"min_hours": 0},
}
ROUNDS = range(6)
# With its unit: what has lasted 59 s has lasted 1 min a moment later. Days of a fast machine are powers of ten.
AMOUNT = re.compile(r"[\d.,]+(?:e[+-]\d+)?(?: (?:ms|s|min|h|d|B|KiB|MiB|GiB)\b)?")


@pytest.fixture(scope="module")
def faulty(server: ScratchServer) -> Iterator[Lab]:
    """A database with many faults, and a session that idles in a transaction."""
    with fresh_database(server, "many_faults") as made:
        made.run(Path(__file__).with_name("faulty.sql").read_text(encoding="utf-8"))
        made.run("vacuum orders")
        made.run("analyze shops")
        made.run(f'create role "{LOGIN}" login in role pg_monitor, pg_read_all_data')
        made.run(f'grant execute on all functions in schema pg_catalog to "{LOGIN}"')
        idle = made.session(autocommit=False, application="shop")
        idle.execute("insert into shops values (501)")
        yield made
        made.stack.close()
        made.run(f'drop owned by "{LOGIN}"; drop role "{LOGIN}"')


def ask(lab: Lab, duty: Duty) -> Answer:
    """Ask without haste: how fast it is, is not the matter."""
    return lab.ask(duty, user=LOGIN, window=TODAY, target={"statement_timeout_s": 120, **_low(duty)})


def _low(duty: Duty) -> dict[str, Any]:
    return {"thresholds": {duty.name: LOW.get(duty.name, {})}}


def seen(answer: Answer, *, numbers: bool) -> list[str]:
    """What an answer says, but for what it says about this login's own settings; without numbers where they pass with time."""
    findings = [f for f in answer.findings if LOGIN not in f.object]
    messages = [f"{answer.status} {answer.summary}"] if all(m.name != "risky_settings" for m in answer.metrics) else []
    messages += [f"{f.rule} {f.object} {f.severity} {f.title} {f.remedy} {f.value} {f.limit}" for f in findings]
    messages += [f"{m.name} {dict(m.labels)} {m.value}" for m in answer.metrics if m.name != "risky_settings"]
    return [message if numbers else AMOUNT.sub("#", message) for message in messages]


def lines_of(lab: Lab, duty: Duty, *, numbers: bool) -> list[str]:
    """The same, or why it could not be asked."""
    try:
        return seen(ask(lab, duty), numbers=numbers)
    except BrokenError as error:
        return [error.reason]


@pytest.fixture(scope="module")
def usual(faulty: Lab) -> dict[str, tuple[bool, list[str]]]:
    """What each check says of a login without settings, with numbers where two looks give the same ones."""
    first, second = ({d.name: seen(ask(faulty, d), numbers=True) for d in ASKED} for _ in range(2))
    steady = {name: first[name] == second[name] and name not in GROWING for name in first}
    return {d.name: (steady[d.name], seen(ask(faulty, d), numbers=steady[d.name])) for d in ASKED}


def test_there_is_much_to_compare(faulty: Lab) -> None:
    found = {f.rule for d in ASKED for f in ask(faulty, d).findings}
    assert len(found) > 12, found


def test_every_setting_has_hostile_values(faulty: Lab) -> None:
    with faulty.endpoint.connect("look") as connection:
        without = [s["name"] for s in own_settings(connection) if not values_of(s)]
    assert len(without) < 20, f"give these a value in hostile_settings.py: {without}"


@pytest.mark.slow
@pytest.mark.parametrize("round_", ROUNDS)
def test_every_setting_that_a_user_may_set(faulty: Lab, usual: dict[str, tuple[bool, list[str]]], round_: int) -> None:
    with faulty.endpoint.connect("plant") as connection:
        given = list(give(connection, LOGIN, round_))
    try:
        different = {}
        for duty in ASKED:
            numbers, expected = usual[duty.name]
            now = lines_of(faulty, duty, numbers=numbers)
            if now != expected:
                different[duty.name] = [(a, b) for a, b in zip(expected, now, strict=False) if a != b] or (expected, now)
    finally:
        faulty.run(f'alter role "{LOGIN}" reset all')
    assert len(given) > 100
    assert not different, "\n".join(f"{name}:\n{a}\n{b}" for name, pairs in different.items() for a, b in pairs)
