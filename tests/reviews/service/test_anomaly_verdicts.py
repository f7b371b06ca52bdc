"""anomaly_verdicts: what is asked about, and that each is judged once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.decisions.examples import signed
from tests.lab import Lab, asking, fresh_database
from upkeep.answer import Answer
from upkeep.decisions.decision import Decision, Status, Subject
from upkeep.decisions.form import Entered, problems
from upkeep.decisions.people import Signer
from upkeep.decisions.person_asked import PersonAsked
from upkeep.decisions.question import Question
from upkeep.objectives.verdicts import precisions
from upkeep.reviews.service.anomaly_verdicts import anomaly_verdicts
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.rows import Rows
from upkeep.sources.scratch import ScratchServer
from upkeep.store import decisions
from upkeep.store.migrate import migrate
from upkeep.targets.service import Service
from upkeep.window import Window

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
WEEK = Window(MONDAY, MONDAY + timedelta(days=7))
SHOP = Service(name="shop", owner="ann", signals={"kind": "query", "connection": "shop", "minutes": "select"})
HOSTILE = "cache db `1`|[x](y)@'; --"


@pytest.fixture(scope="module")
def database(server: ScratchServer) -> Iterator[Lab]:
    with fresh_database(server, "verdicts") as made:
        migrate(made.endpoint)
        yield made


@pytest.fixture
def store(database: Lab) -> Lab:
    """No anomalies and no decisions."""
    database.run("truncate upkeep.answer, upkeep.decision, upkeep.decision_answer cascade")
    return database


def anomaly(store: Lab, hour: int, rule: str = "requests_fall", series: str = "requests a minute", days: int = 1) -> None:
    since, quoted = MONDAY + timedelta(hours=hour), series.replace("'", "''")
    for day in range(days):
        start = MONDAY + timedelta(days=hour // 24 + day)
        bounds = f"'anomalies', 'shop', '{start}', '{start + timedelta(days=1)}'"
        store.run(f"""
            insert into upkeep.answer (duty, target, window_start, window_end, cadence, status, summary, evidence, asked_at,
                seconds, dag_id, run_id, task_id, map_index, try_number)
            values ({bounds}, 'daily', 'breach', 's', '{{}}', '{start}', 1, 'daily', 'r', 't', 0, 1) on conflict do nothing;
            insert into upkeep.anomaly
            values ({bounds}, '{rule}', '{quoted}', '{since}', '{since + timedelta(hours=day)}', true, '{since}', 20, 90, 100,
                110, 'count', 0.00001, 600, '{{}}', '{{v7 to production}}')
        """)


def answer(store: Lab) -> Answer:
    return ask(asking(anomaly_verdicts, SHOP, OneDatabase(store.endpoint), window=WEEK), {Rows: Rows(store.session())})


def question(store: Lab) -> Question:
    found = answer(store)
    assert isinstance(found, PersonAsked)
    return found.question


def said(store: Lab, *verdicts: str) -> None:
    """Open the question of the week and sign it."""
    asked = question(store)
    entered = {f"anomaly_{number}": verdict for number, verdict in enumerate(verdicts, 1)}
    assert problems(asked, Entered("Sign", entered)) == []
    made = Decision(kind="review", subject=Subject(duty="anomaly_verdicts", target="shop", window=WEEK), question=asked)
    now = WEEK.end - timedelta(hours=9)
    with store.endpoint.connect("decide") as connection:
        decisions.open_decision(connection, made, now)
        decisions.ask(connection, made.key, [Signer("ann", "ann", "1")], ("decisions", "run", "answer"), now)
        decisions.sign(connection, made.key, replace(signed("ann", asked.digest, at=now), values=entered))
        decisions.close(connection, made.key, Status.ANSWERED, now, outcome="Sign")


@pytest.mark.baseline
def test_without_anomalies_nobody_is_asked(store: Lab) -> None:
    assert not isinstance(answer(store), PersonAsked)
    assert answer(store).status == "ok"


@pytest.mark.near_miss
def test_those_of_other_weeks_are_not_asked_about(store: Lab) -> None:
    anomaly(store, -3)
    anomaly(store, 7 * 24)
    assert not isinstance(answer(store), PersonAsked)


@pytest.mark.fault
def test_each_is_asked_about_once_however_long_it_went_on(store: Lab) -> None:
    anomaly(store, 12, days=3)
    anomaly(store, 40, "hit_rate_fall", HOSTILE)
    asked = question(store)
    assert [field.object for field in asked.fields] == [
        f"hit_rate_fall@2026-11-03T16:00Z@{HOSTILE}",
        "requests_fall@2026-11-02T12:00Z@requests a minute",
    ]
    assert {field.default for field in asked.fields} == {"cannot tell"}
    assert "No rule was judged before." in asked.body
    assert "20 came, 90 to 110 expected" in asked.body


def test_a_verdict_counts_for_its_rule_and_is_asked_no_more(store: Lab) -> None:
    anomaly(store, 12)
    anomaly(store, 20, "hit_rate_fall", HOSTILE)
    anomaly(store, 30, "hit_rate_fall", HOSTILE)
    said(store, "real", "false alarm", "cannot tell")
    found = precisions(Rows(store.session()), WEEK.end)
    assert {rule: (each.confirmed, each.judged) for rule, each in found.items()} == {"hit_rate_fall": (1, 2)}
    assert [field.object for field in question(store).fields] == ["requests_fall@2026-11-02T12:00Z@requests a minute"]
    assert "| 1 of 2 (50%) | medium |" in question(store).body
    assert precisions(Rows(store.session()), MONDAY) == {}
