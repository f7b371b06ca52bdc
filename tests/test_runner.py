"""Asking on real servers: what goes wrong is said, says whether to retry, and loses nothing."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest

from tests.lab import Lab, Past, asking
from tests.replica import standby_of
from upkeep.answer import Answer, Finding, Metric, Severity, Status
from upkeep.duty import Duty, History, check
from upkeep.errors import BrokenError
from upkeep.given.asked import Asked
from upkeep.runner import PRESENT_ONLY, ask, ask_and_store
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint, Postgres
from upkeep.sources.rights import MONITOR
from upkeep.sources.scratch import ScratchServer, free_port
from upkeep.store.answers import Provenance
from upkeep.store.migrate import migrate
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence, Window

NOW = datetime(2026, 11, 8, 1, 0, tzinfo=UTC)
DAY = Window.parse("2026-11-07", "2026-11-08")
PAST = Window.parse("2026-10-01", "2026-10-02")
PROVENANCE = Provenance(
    dag_id="daily", run_id="r1", task_id="database.tables", map_index=0, try_number=1, asked_at=NOW, seconds=0
)  # fmt: skip


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def tables(db: Database, pg: Postgres, history: History, *, most: int = 1) -> Answer:
    """Databases with too many tables in schema public."""
    count = int(pg.value("select count(*) from pg_catalog.pg_tables where schemaname = 'public'"))
    before = history.state()
    finding = Finding(
        rule="many", object=db.name, severity=Severity.HIGH, title=f"{count} tables (limit {most})", remedy="drop table t;"
    )  # fmt: skip
    metrics = [Metric(name="tables", value=count, unit=Unit.COUNT), Metric(name="twice", value=2 * count, unit=Unit.COUNT)]
    return Answer.judged(
        f"{count} tables, before {before and before['count']}", findings=[finding] if count > most else [], metrics=metrics,
        state={"count": count},
    )  # fmt: skip


@check(Cadence.DAILY, owner="database")
def sleepy(db: Database, pg: Postgres) -> Answer:  # noqa: ARG001 - its session says it all
    """A question that takes half a minute."""
    pg.value("select pg_catalog.pg_sleep(30)")
    return Answer.judged("slept")


@check(Cadence.DAILY, owner="database")
def past(db: Database, window: Window) -> Answer:
    """A question about the past."""
    return Answer.judged(f"{db.name} in {window}")


@check(Cadence.DAILY, owner="database")
def faulty(db: Database) -> Answer:
    """A question with a mistake in it."""
    raise ValueError(f"no {db.name} at https://ann:hunter2@host.test/x?token=abc123 password='open sesame'\n" + "x" * 2_000)


@check(Cadence.DAILY, owner="database")
def doubled(db: Database) -> Answer:
    """A question that says one thing twice."""
    return Answer.judged("twice", metrics=[Metric(name="m", value=n, unit=Unit.COUNT) for n in range(2)], state={"n": db.name})


@check(Cadence.DAILY, owner="database")
def out_of_time(db: Database) -> Answer:
    """A question whose task is ended from outside."""
    raise KeyboardInterrupt(db.name)


def target(**fields: Any) -> Database:
    return Database(**{"name": "shop", "owner": "ann", "connection": "shop_db", **fields})


def asked(duty: Duty, endpoint: Endpoint, window: Window = DAY, **fields: Any) -> Asked:
    """A question about a window; other keywords are fields of the target."""
    return asking(duty, target(**fields), OneDatabase(endpoint), window=window, provenance=PROVENANCE)


@pytest.fixture
def store(lab: Lab) -> Endpoint:
    """The lab, also as report database."""
    migrate(lab.endpoint)
    return lab.endpoint


def rows(lab: Lab, table: str = "answer") -> int:
    return int(lab.value(f"select count(*) from upkeep.{table}"))


def test_an_answer_is_stored_and_a_rerun_replaces_it(lab: Lab, store: Endpoint) -> None:
    lab.run("create table a (); create table b ()")
    first = ask_and_store(asked(tables, lab.endpoint), store)
    assert (first.status, first.summary) == (Status.BREACH, "2 tables, before None")
    assert (rows(lab), rows(lab, "finding"), rows(lab, "metric"), rows(lab, "duty_state")) == (1, 1, 2, 1)
    lab.run("drop table b")
    again = ask_and_store(asked(tables, lab.endpoint), store)
    assert (again.status, again.summary) == (Status.OK, "1 tables, before None")
    assert (rows(lab), rows(lab, "finding"), rows(lab, "metric"), rows(lab, "duty_state")) == (1, 0, 2, 1)
    tomorrow = Window(DAY.end, DAY.end + timedelta(days=1))
    next_day = replace(asked(tables, lab.endpoint, tomorrow), provenance=replace(PROVENANCE, asked_at=NOW + timedelta(days=1)))
    assert ask_and_store(next_day, store).summary == "1 tables, before 1"
    assert rows(lab) == 2


def test_an_unexpected_exception_is_an_unknown_answer_that_says_what_it_was(lab: Lab, store: Endpoint) -> None:
    with pytest.raises(BrokenError, match=r"^unexpected ValueError: no shop at") as raised:
        ask_and_store(asked(faulty, lab.endpoint), store)
    assert raised.value.retry
    assert isinstance(raised.value.__cause__, ValueError), "its traceback belongs into the task's log"
    summary = lab.value("select summary from upkeep.answer where status = 'unknown'")
    assert summary.startswith("could not ask: unexpected ValueError: no shop at https://ann:…@host.test/x?token=…")
    assert len(summary) < 600
    assert not any(secret in summary for secret in ("hunter2", "abc123", "sesame"))
    assert rows(lab, "pending_answer") == 0
    assert "traceback" in lab.value("select evidence ->> 'remedy' from upkeep.answer")


def test_where_the_report_database_goes_away_while_storing_nothing_else_is_tried(
    lab: Lab, store: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[Status] = []

    def away(*args: Any) -> None:
        stored.append(next(each.status for each in args if isinstance(each, Answer)))
        raise BrokenError("the report database does not answer", retry=True)

    monkeypatch.setattr("upkeep.runner.save", away)
    with pytest.raises(BrokenError, match="the report database does not answer"):
        ask_and_store(asked(tables, lab.endpoint), store)
    assert stored == [Status.OK]
    assert rows(lab, "pending_answer") == 1, "the next try finds that it was asked"


def test_an_answer_that_cannot_be_stored_is_unknown_with_the_reason(lab: Lab, store: Endpoint) -> None:
    with pytest.raises(BrokenError, match="doubled said two things about shop under one key") as raised:
        ask_and_store(asked(doubled, lab.endpoint), store)
    assert not raised.value.retry
    assert lab.value("select summary from upkeep.answer where status = 'unknown'").startswith(
        "could not store the answer: doubled"
    )
    assert (rows(lab), rows(lab, "metric"), rows(lab, "duty_state"), rows(lab, "pending_answer")) == (1, 0, 0, 0)


def test_a_question_that_was_cut_off_stays_noted_as_put(lab: Lab, store: Endpoint) -> None:
    ask_and_store(asked(past, lab.endpoint), store)
    with pytest.raises(KeyboardInterrupt):
        ask_and_store(asked(out_of_time, lab.endpoint), store)
    assert lab.value("select duty || ' ' || run_id from upkeep.pending_answer") == "out_of_time r1"
    assert rows(lab) == 1


def test_the_inventory_overrides_thresholds(lab: Lab) -> None:
    lab.run("create table a (); create table b ()")
    generous = target(thresholds={"tables": {"most": 5}})
    assert ask(asking(tables, generous, OneDatabase(lab.endpoint)), {History: Past()}).status is Status.OK


@pytest.mark.parametrize("name", ["""O'Brien "ä" 注文""", "a; drop schema upkeep cascade --", "x" * 100])
def test_names_of_any_letters(lab: Lab, store: Endpoint, name: str) -> None:
    ask_and_store(asked(past, lab.endpoint, name=name), store)
    assert lab.value("select target from upkeep.answer") == name


def test_a_missing_right_is_unknown_with_its_grant(lab: Lab, store: Endpoint) -> None:
    lab.run("drop role if exists bare; create role bare login")
    answer = ask_and_store(asked(tables, lab.login("bare")), store)
    assert answer.status is Status.UNKNOWN
    assert answer.summary == "needs pg_monitor: without it Upkeep cannot see other sessions, their queries and most statistics"
    assert lab.value("select evidence ->> 'remedy' from upkeep.answer") == "grant pg_monitor to bare;"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScratchServer]:
    """A server of its own that asks for passwords; tests may kill it."""
    folder = tmp_path_factory.mktemp("guarded")
    for place in (folder, folder.parent, folder.parent.parent):
        place.chmod(0o755)
    server = ScratchServer(folder, free_port(), password="right horse", settings={"fsync": "off"})
    server.start()
    yield server
    server.remove()


@pytest.mark.parametrize(
    ("changes", "text", "retry"),
    [
        ({"password": "wrong horse"}, "the login was refused", False),
        ({"password": None}, "the login was refused", False),
        ({"user": "nobody such"}, "the login was refused", False),
        ({"database": "nowhere"}, "there is no such database", False),
        ({"host": "no-such-host.invalid"}, "the host name does not resolve", True),
        ({"port": 1}, "the server does not answer", True),
    ],
)
def test_no_way_in(lab: Lab, store: Endpoint, guarded: ScratchServer, changes: dict[str, Any], text: str, retry: bool) -> None:  # noqa: FBT001
    endpoint = replace(guarded.endpoint(), **changes)
    with pytest.raises(BrokenError, match=text) as caught:
        ask_and_store(asked(tables, endpoint), store)
    assert caught.value.retry is retry
    assert "horse" not in f"{caught.value}{caught.value.remedy}{endpoint!r}"
    assert lab.value("select status || ': ' || summary from upkeep.answer").startswith(f"unknown: could not ask: {text}")
    assert "horse" not in lab.value("select answer::text from upkeep.answer")


def test_after_the_password_is_corrected_the_rerun_replaces_unknown(lab: Lab, store: Endpoint, guarded: ScratchServer) -> None:
    with pytest.raises(BrokenError):
        ask_and_store(asked(tables, replace(guarded.endpoint(), password="wrong")), store)
    assert ask_and_store(asked(tables, guarded.endpoint()), store).status is Status.OK
    assert rows(lab) == 1


def test_a_statement_timeout(lab: Lab, store: Endpoint) -> None:
    with pytest.raises(BrokenError, match="the question was cut off: canceling statement due to statement timeout") as caught:
        ask_and_store(asked(sleepy, lab.endpoint, statement_timeout_s=0.2), store)
    assert caught.value.retry
    assert caught.value.remedy == "raise statement_timeout_s of this target"
    assert lab.value("select status from upkeep.answer") == "unknown"


def test_a_lock_that_is_never_free(lab: Lab, store: Endpoint) -> None:
    @check(Cadence.DAILY, owner="database")
    def locked(db: Database, pg: Postgres) -> Answer:  # noqa: ARG001 - its session says it all
        """Read a table that somebody holds."""
        return Answer.judged(str(pg.value("select count(*) from public.held")))

    lab.run("create table held ()")
    lab.session(autocommit=False).execute("lock table held")
    with pytest.raises(BrokenError, match="waited too long for a lock") as caught:
        ask_and_store(asked(locked, lab.endpoint, lock_timeout_s=0.1), store)
    assert caught.value.retry


def test_a_question_can_not_write(lab: Lab, store: Endpoint) -> None:
    @check(Cadence.DAILY, owner="database")
    def writer(db: Database, pg: Postgres) -> Answer:  # noqa: ARG001 - its session says it all
        """Try to write."""
        pg.value("create table written ()")
        return Answer.judged("wrote")

    with pytest.raises(Exception, match="read-only transaction"):
        ask_and_store(asked(writer, lab.endpoint), store)
    assert lab.value("select to_regclass('public.written')") is None


def test_a_server_killed_in_the_middle_of_a_question(lab: Lab, store: Endpoint, guarded: ScratchServer) -> None:
    failed: list[BrokenError] = []

    def put() -> None:
        try:
            ask_and_store(asked(sleepy, guarded.endpoint(), statement_timeout_s=60), store)
        except BrokenError as error:
            failed.append(error)

    thread = Thread(target=put)
    thread.start()
    try:
        _wait_for_sleeper(guarded)
        guarded.stop("immediate")
        thread.join(20)
        assert [e.retry for e in failed] == [True]
        assert "the connection broke" in str(failed[0])
        assert lab.value("select status || ' ' || summary from upkeep.answer").startswith("unknown could not ask: the connection")
        with pytest.raises(BrokenError, match="does not answer"):
            ask_and_store(asked(tables, guarded.endpoint()), store)
    finally:
        guarded.start()
    assert ask_and_store(asked(tables, guarded.endpoint()), store).status is Status.OK
    assert rows(lab) == 2


def _wait_for_sleeper(server: ScratchServer) -> None:
    deadline = time.monotonic() + 10
    with server.endpoint().connect("watch") as watch:
        while time.monotonic() < deadline:
            found = watch.execute("select count(*) from pg_stat_activity where wait_event = 'PgSleep'").fetchone()
            if found and found[0]:
                return
            time.sleep(0.05)
    pytest.fail("the question was never put")


def test_the_report_database_is_away(lab: Lab) -> None:
    with pytest.raises(BrokenError, match="does not answer") as caught:
        ask_and_store(asked(tables, lab.endpoint), Endpoint("127.0.0.1", 1, "x", None, "x"))
    assert caught.value.retry


def test_the_report_database_goes_away_while_asking(lab: Lab, guarded: ScratchServer) -> None:
    migrate(guarded.endpoint())

    @check(Cadence.DAILY, owner="database")
    def fatal(db: Database, pg: Postgres) -> Answer:  # noqa: ARG001 - its session says it all
        """Ask, while the report database dies."""
        guarded.stop("immediate")
        return Answer.judged("asked", metrics=[Metric(name="m", value=1, unit=Unit.COUNT)])

    try:
        with pytest.raises(BrokenError, match="the connection broke") as caught:
            ask_and_store(asked(fatal, lab.endpoint), guarded.endpoint())
        assert caught.value.retry
    finally:
        guarded.start()
    with guarded.endpoint().connect("look") as look:
        assert look.execute("select count(*) from upkeep.answer where duty = 'fatal'").fetchone() == (0,)
    assert ask_and_store(asked(past, lab.endpoint), guarded.endpoint()).status is Status.OK


def test_sessions_are_limited_over_all_askers(lab: Lab, store: Endpoint) -> None:
    together: list[int] = []

    @check(Cadence.DAILY, owner="database")
    def counted(db: Database, pg: Postgres) -> Answer:  # noqa: ARG001 - its session says it all
        """Count the sessions like this one."""
        pg.value("select pg_catalog.pg_sleep(0.2)")
        mine = "select count(*) from pg_catalog.pg_stat_activity where application_name = 'upkeep counted' and datname <> ''"
        together.append(int(pg.value(mine + " and query like '%count(*)%' or wait_event = 'PgSleep'")))
        return Answer.judged("counted")

    windows = [Window(DAY.start + timedelta(minutes=i), DAY.end + timedelta(minutes=i)) for i in range(6)]
    threads = [Thread(target=ask_and_store, args=[asked(counted, lab.endpoint, w, sessions=2), store]) for w in windows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert rows(lab) == 6
    assert max(together) <= 2


def test_live_duties_say_present_only_about_the_past(lab: Lab, store: Endpoint) -> None:
    nowhere = Endpoint("127.0.0.1", 1, "x", None, "x")
    answer = ask_and_store(asked(tables, nowhere, PAST), store)
    assert (answer.status, answer.summary) == (Status.UNKNOWN, PRESENT_ONLY)
    assert rows(lab) == 1


def test_an_answer_of_its_day_is_never_overwritten_by_present_only(lab: Lab, store: Endpoint) -> None:
    then = replace(asked(tables, lab.endpoint, PAST), provenance=replace(PROVENANCE, asked_at=PAST.end))
    assert ask_and_store(then, store).status is Status.OK
    ask_and_store(asked(tables, lab.endpoint, PAST), store)
    assert lab.value("select status from upkeep.answer") == "ok"


def test_a_replay_asks_live_duties_nothing_even_about_the_newest_window(lab: Lab, store: Endpoint) -> None:
    again = replace(asked(tables, lab.endpoint), replay=True)
    assert ask_and_store(again, store).summary == PRESENT_ONLY
    assert ask_and_store(replace(asked(past, lab.endpoint, PAST), replay=True), store).status is Status.OK
    assert rows(lab) == 2


def test_a_server_in_recovery_answers(server: ScratchServer, tmp_path_factory: pytest.TempPathFactory) -> None:
    @check(Cadence.DAILY, owner="database", needs=(MONITOR,))
    def standing(db: Database, pg: Postgres) -> Answer:  # noqa: ARG001 - its session says it all
        """Say which one it is."""
        return Answer.judged("standby" if pg.in_recovery else "primary")

    folder = tmp_path_factory.mktemp("standby")
    folder.parent.chmod(0o755)
    with standby_of(server, folder) as standby:
        assert ask(asking(standing, target(), OneDatabase(standby.endpoint()))).summary == "standby"
    assert ask(asking(standing, target(), OneDatabase(server.endpoint()))).summary == "primary"
