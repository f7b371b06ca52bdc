"""The doctor: judged without a server where it can be, looked at on a real one where it must be."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.lab import Lab
from upkeep.answer import Answer
from upkeep.config.inventory import load
from upkeep.discovery import discover
from upkeep.doctor import here
from upkeep.doctor.examine import Practice, examine
from upkeep.doctor.show import as_json, closing, grant_scripts, show
from upkeep.duty import Duty, check
from upkeep.errors import BrokenError
from upkeep.notify.wire import SlackEndpoint
from upkeep.sources.connections import Connections
from upkeep.sources.encryption import Encryption
from upkeep.sources.postgres import Endpoint, Postgres
from upkeep.sources.rights import MONITOR, extension
from upkeep.store.migrate import migrate
from upkeep.targets import postgres_diagnosis
from upkeep.targets.database import Database
from upkeep.targets.diagnosis import Diagnosis, Level, needs_a_person
from upkeep.targets.postgres_login import LoginFacts, Seen, clock_skew, look
from upkeep.window import Cadence

STATEMENTS = extension("pg_stat_statements", "what statements cost", preload=True)
LOGIN = LoginFacts(
    role="upkeep", in_recovery=False, statement_timeout_s=6, lock_timeout_s=2, preloaded="pg_stat_statements",
    is_superuser=False, powers=[], writable_tables=0,
)  # fmt: skip
SEEN = Seen(
    server="db:5432", database="shop", version=17, connect_s=0.01, skew_s=0.1, skew_within_s=0.01, timeouts_s=(6, 2),
    missing={}, login=LOGIN, encryption=Encryption("db", "verify-full", chosen=True, protocol="TLSv1.3"),
)  # fmt: skip
SHOP = Database(name="shop", owner="ann", connection="shop_db")


@check(Cadence.DAILY, owner="database", needs=(MONITOR, STATEMENTS))
def costly(db: Database, pg: Postgres) -> Answer:  # noqa: ARG001 - never asked
    """Something costly."""
    return Answer.judged("fine")


RIGHTS = [MONITOR, STATEMENTS]


def diagnoses(seen: Seen) -> dict[str, Diagnosis]:
    return {v.about: v for v in postgres_diagnosis.diagnosed(SHOP, RIGHTS, seen)}


def refusals(seen: Seen) -> list[str]:
    return [about for about, diagnosis in diagnoses(seen).items() if diagnosis.level is Level.NO]


def login(**changes: Any) -> Seen:
    return replace(SEEN, login=replace(LOGIN, **changes))


@pytest.mark.baseline
def test_a_login_as_it_should_be_needs_nobody() -> None:
    assert refusals(SEEN) == []


@pytest.mark.near_miss
@pytest.mark.parametrize(
    "seen",
    [
        replace(SEEN, version=13),
        replace(SEEN, version=18),
        replace(SEEN, skew_s=2.0),
        replace(SEEN, skew_s=-2.005, skew_within_s=0.01),
        replace(SEEN, connect_s=3),
        login(in_recovery=True),
        login(preloaded='"$libdir/pg_stat_statements", auto_explain'),
    ],
)
def test_just_inside_the_limits(seen: Seen) -> None:
    assert refusals(seen) == []


@pytest.mark.fault
@pytest.mark.parametrize(
    ("seen", "about", "text"),
    [
        (replace(SEEN, version=12), "version", "13 to 18"),
        (replace(SEEN, version=19), "version", "13 to 18"),
        (replace(SEEN, skew_s=-30), "clock", "30.000 s behind"),
        (login(is_superuser=True), "privilege", "superuser"),
        (login(powers=["createdb"]), "privilege", "createdb"),
        (login(writable_tables=3), "privilege", "may write to 3 tables"),
        (login(statement_timeout_s=0), "timeouts", "asked for 6 s"),
        (login(lock_timeout_s=0), "timeouts", "lock_timeout 0 s"),
        (login(preloaded=""), "extension", "has not loaded it"),
        (replace(SEEN, missing={MONITOR: "grant pg_monitor to upkeep;"}), "rights", "pg_monitor is missing"),
        (replace(SEEN, missing={STATEMENTS: "create extension pg_stat_statements;"}), "extension", "is missing"),
    ],
)
def test_each_fault_is_said(seen: Seen, about: str, text: str) -> None:
    assert refusals(seen) == [about]
    assert text in diagnoses(seen)[about].text
    assert diagnoses(seen)[about].field == "connection"


def test_a_missing_right_names_the_duties_that_stay_unknown() -> None:
    found = diagnoses(replace(SEEN, missing={MONITOR: "grant pg_monitor to upkeep;"}))["rights"]
    assert found.unmet == (MONITOR,)
    assert costly.waits_for(found.unmet)
    assert not replace(costly, needs=(STATEMENTS,)).waits_for(found.unmet)
    assert replace(costly, needs=()).waits_for(None)
    assert grant_scripts([found]) == {
        "db:5432": '-- Rights for Upkeep on db:5432; paste into psql as an administrator.\n\\connect "shop"\n'
        "grant pg_monitor to upkeep;"
    }


def test_room_on_disk() -> None:
    folder = Path("/var/log")
    assert here.judge_room("logs", folder, 100 * 10**9, 50 * 10**9, writable=True).level is Level.OK
    assert here.judge_room("logs", folder, 100 * 10**9, 10 * 10**9, writable=True).level is Level.OK
    assert here.judge_room("logs", folder, 100 * 10**9, 9 * 10**9, writable=True).level is Level.NO
    assert here.judge_room("logs", folder, 10 * 10**9, 19 * 10**8, writable=True).level is Level.NO
    assert here.judge_room("logs", folder, 100 * 10**9, 50 * 10**9, writable=False).level is Level.NO


def test_the_skew_is_known_within_half_a_round_trip() -> None:
    ahead_s, within_s = clock_skew(lambda: time.time() + 7)
    assert abs(ahead_s - 7) <= within_s + 0.01


@pytest.fixture
def reader(lab: Lab) -> Iterator[str]:
    """A login with nothing but what the doctor asks for."""
    name = "upkeep reader"
    lab.run(f'drop role if exists "{name}"')
    lab.run(f'create role "{name}" login')
    yield name
    lab.run(f'drop owned by "{name}"')
    lab.run(f'drop role "{name}"')


def test_looking_at_a_real_server_with_a_bare_login(lab: Lab, reader: str) -> None:
    lab.run("create table t (i int)")
    target = SHOP.model_copy(update={"statement_timeout_s": 3})
    seen = look(lab.login(reader), RIGHTS, target.statement_timeout_s, target.lock_timeout_s)
    assert seen.missing[MONITOR] == 'grant pg_monitor to "upkeep reader";'
    assert seen.login.role == reader
    assert (seen.login.statement_timeout_s, seen.login.lock_timeout_s) == (3, 2)
    assert seen.login.writable_tables == 0
    assert seen.login.preloaded is None
    assert abs(seen.skew_s) < 1


def test_the_script_of_grants_makes_it_well(lab: Lab, reader: str) -> None:
    endpoint = lab.login(reader)
    before = look(endpoint, RIGHTS, 15, 2)
    (script,) = grant_scripts(list(postgres_diagnosis.diagnosed(SHOP, RIGHTS, before))).values()
    lab.run("\n".join(case for case in script.splitlines() if not case.startswith(("--", "\\connect"))))
    after = look(endpoint, RIGHTS, 15, 2)
    assert after.missing == {}
    assert refusals(after) == []


def test_more_than_it_needs_is_seen(lab: Lab, reader: str) -> None:
    lab.run(f'create table t (i int); grant insert on t to "{reader}"; alter role "{reader}" createdb')
    lab.run(f'grant pg_write_all_data to "{reader}"')
    seen = look(lab.login(reader), [], 15, 2)
    assert seen.login.powers == ["createdb", "pg_write_all_data"]
    assert seen.login.writable_tables == 1
    assert look(lab.endpoint, [], 15, 2).login.is_superuser


@pytest.fixture
def deaf() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def take() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        Thread(target=take, daemon=True).start()
        yield server.getsockname()[1]
        for one in held:
            one.close()


def looked_up(postgres: Callable[[str], Endpoint]) -> Connections:
    """Connections whose databases come from this function."""
    found: Any = SimpleNamespace(postgres=postgres)
    return cast("Connections", found)


PEOPLE = "people: [{name: ann, role: dba, slack: U0ANN}]\n"


def practice(folder: Path, endpoints: dict[str, Endpoint], store: Endpoint, duties: tuple[Duty, ...] = ()) -> Practice:
    path = folder / "inventory.yaml"
    targets = "".join(f"  - name: {name}\n    owner: ann\n    connection: {name}\n" for name in endpoints)
    path.write_text(f"{PEOPLE}databases:\n{targets}" if targets else PEOPLE)
    return Practice(
        inventory=load(path),
        path=path,
        duties=duties or discover(),
        connections=looked_up(endpoints.__getitem__),
        store=lambda: store,
        slack=lambda: SlackEndpoint("webhook", token="x"),
    )


def test_dead_hosts_do_not_hold_the_others(lab: Lab, tmp_path: Path, deaf: int, capsys: pytest.CaptureFixture[str]) -> None:
    migrate(lab.endpoint)
    refused = Endpoint("127.0.0.1", 1, "x", "hunter2", "x")
    nowhere = Endpoint("no-such-host.invalid", 5432, "x", "hunter2", "x")
    silent = Endpoint("127.0.0.1", deaf, "x", "hunter2", "x")
    endpoints = {"shop": lab.endpoint, "shut": refused, "gone": nowhere, "deaf": silent}
    given = practice(tmp_path, endpoints, lab.endpoint)
    all_at_once = Barrier(len(endpoints))
    waiting = set(endpoints)

    def found_together(name: str) -> Endpoint:
        if name in waiting:
            waiting.discard(name)
            all_at_once.wait(60)
        return endpoints[name]

    found = examine(replace(given, connections=looked_up(found_together)), given.inventory.targets, limit_s=60)
    assert not all_at_once.broken, "each began before any had ended"
    values = {(v.subject, v.about): v for v in found}
    assert values["shop", "reachable"].level is Level.OK
    assert values["report database", "writable"].level is Level.OK
    for name, number in (("shut", 6), ("gone", 9), ("deaf", 12)):
        diagnosis = values[name, "reachable"]
        assert diagnosis.level is Level.NO
        assert diagnosis.where == f"{given.path}:{number + 2}"
        assert "sequences" in diagnosis.blind
    show(found)
    printed = capsys.readouterr().out
    assert "hunter2" not in printed + as_json(found)
    assert closing(found).endswith("need a person.")
    assert json.loads(as_json(found))["ready"] is False


def test_a_part_that_hangs_is_given_up(tmp_path: Path, lab: Lab) -> None:
    given = practice(tmp_path, {"slow": lab.endpoint}, lab.endpoint)

    def hang(_: str) -> Endpoint:
        time.sleep(5)
        return lab.endpoint

    found = examine(replace(given, connections=looked_up(hang)), given.inventory.targets, limit_s=1)
    assert [v.text for v in found if v.subject == "slow"] == ["no answer within 1 s"]


def test_a_broken_examination_hides_no_other(tmp_path: Path, lab: Lab) -> None:
    given = practice(tmp_path, {"shop": lab.endpoint}, lab.endpoint)

    def broken(_: str) -> Endpoint:
        raise RuntimeError("boom")

    found = examine(replace(given, connections=looked_up(broken)), given.inventory.targets)
    assert [v.text for v in found if v.subject == "shop"] == ["the examination itself failed: RuntimeError: boom"]
    assert {v.subject for v in found} >= {"this machine", "report database", "Slack"}


def store_verdicts(endpoint: Endpoint) -> dict[str, Diagnosis]:
    return {v.about: v for v in here.report_database(endpoint)}


def test_the_report_database_before_and_after_migration(lab: Lab, reader: str) -> None:
    before = store_verdicts(lab.endpoint)
    assert before["migrated"].level is Level.NO
    assert before["migrated"].remedy == "run `upkeep migrate`"
    migrate(lab.endpoint)
    after = store_verdicts(lab.endpoint)
    assert [v.level for about, v in after.items() if about not in {"encryption", "privilege"}] == [Level.OK] * 4
    assert after["encryption"].level is after["privilege"].level is Level.NOTE, "it is the tests' superuser"
    assert lab.value("select count(*) from upkeep.migration where name like 'written%'") == 0
    lab.run(f'grant usage on schema upkeep to "{reader}"; grant select on upkeep.migration to "{reader}"')
    bare = store_verdicts(lab.login(reader))
    assert bare["writable"].level is Level.NO
    assert "permission denied" in bare["writable"].text


def test_a_report_login_that_is_a_superuser_is_noted_and_an_owner_of_its_schema_is_not(lab: Lab) -> None:
    lab.run("create role owner_of_reports login")
    try:
        lab.run("create schema upkeep authorization owner_of_reports")
        owner = lab.login("owner_of_reports")
        migrate(owner)
        found = store_verdicts(lab.endpoint)["privilege"]
        assert (found.level, "superuser" in found.text) == (Level.NOTE, True)
        assert "privilege" not in store_verdicts(owner)
        assert store_verdicts(owner)["writable"].level is Level.OK
    finally:
        lab.run("drop owned by owner_of_reports cascade; drop role owner_of_reports")


def test_a_report_database_that_only_reads(lab: Lab) -> None:
    migrate(lab.endpoint)
    only_reads = replace(lab.endpoint, options={"options": "-c default_transaction_read_only=on"})
    assert store_verdicts(only_reads)["writable"].level is Level.NO


def test_slack_that_is_away_or_half_set() -> None:
    away = here.slack_answers(SlackEndpoint("bot", "http://127.0.0.1:1/api/", "xoxb-hunter2", "C0A"), "x:1")
    assert away.level is Level.NO
    assert "does not answer" in away.text
    assert "hunter2" not in str(away)
    assert here.slack_answers(SlackEndpoint("webhook", token="T/B/x"), "x:1").level is Level.NOTE
    assert here.slack_answers(SlackEndpoint("webhook"), "x:1").level is Level.NO


@pytest.mark.parametrize("is_set", [True, False])
def test_slack_that_nobody_set_is_a_note(tmp_path: Path, lab: Lab, *, is_set: bool) -> None:
    given = practice(tmp_path, {}, lab.endpoint)
    given.path.write_text(PEOPLE + ("notify: {slack_connection: slack}\n" if is_set else ""))
    given = replace(given, inventory=load(given.path), slack=lambda: SlackEndpoint("webhook"))
    (found,) = [each for each in examine(given, []) if each.subject == "Slack"]
    assert (found.level, "nobody is told" in found.text) == ((Level.NO, False) if is_set else (Level.NOTE, True))


def test_no_connection_in_airflow_is_said(tmp_path: Path, lab: Lab) -> None:
    given = practice(tmp_path, {"shop": lab.endpoint}, lab.endpoint)

    def none(name: str) -> Endpoint:
        raise BrokenError(f'Airflow has no connection "{name}"', "add it", retry=False)

    found = [v for v in examine(replace(given, connections=looked_up(none)), given.inventory.targets) if v.subject == "shop"]
    assert [(v.text, v.remedy) for v in found] == [('Airflow has no connection "shop"', "add it")]
    assert needs_a_person(found)
