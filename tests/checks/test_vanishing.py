"""Whatever a check lists may be dropped before it looks at it: it is left out, and no check crashes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.checks.test_every_check import CHECKS, IDS, TODAY
from tests.checks.test_login_settings import LOW
from tests.lab import Lab, fresh_database, rules
from upkeep.answer import Answer
from upkeep.checks.database.index_bloat import index_bloat
from upkeep.checks.database.table_bloat import table_bloat
from upkeep.duty import Duty
from upkeep.errors import VanishedError
from upkeep.sources.postgres import Postgres
from upkeep.sources.scratch import ScratchServer

PLANT = Path(__file__).with_name("faulty.sql")
PATIENT = {"lock_timeout_s": 60.0, "statement_timeout_s": 120.0}
WAITS = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and application_name like 'upkeep %'"


def ask(lab: Lab, duty: Duty, user: str = "postgres") -> Answer:
    return lab.ask(duty, user=user, window=TODAY, target={**PATIENT, "thresholds": {duty.name: LOW.get(duty.name, {})}})


@pytest.mark.parametrize("duty", CHECKS, ids=IDS)
def test_everything_goes_between_the_listing_and_the_looking(lab: Lab, duty: Duty) -> None:
    lab.run(PLANT.read_text(encoding="utf-8"))
    dropper = lab.session(autocommit=False)
    dropper.execute("alter table parted detach partition parted_1")
    dropper.execute("alter table shops rename to stores; alter index one rename to first")
    dropper.execute('drop table orders, "Order", off; drop sequence down; drop schema open')
    _asked_until_dropped(lab, duty, dropper)


def _asked_until_dropped(lab: Lab, duty: Duty, dropper: psycopg.Connection[Any]) -> Answer:
    """The answer of a check that waits for what another session then drops."""
    answers: list[Answer | Exception] = []
    asking = threading.Thread(target=lambda: answers.append(_kept(lambda: ask(lab, duty))))
    asking.start()
    while asking.is_alive() and not lab.value(WAITS):
        asking.join(0.05)
    dropper.commit()
    asking.join()
    assert isinstance(answers[0], Answer), answers[0]
    return answers[0]


def _kept(work: Callable[[], Answer]) -> Answer | Exception:
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - it is looked at in the test's own thread
        return error


ROUND = """
    create schema if not exists "gone ä"; create table "gone ä".t (id serial primary key, v int default 1);
    insert into "gone ä".t select from generate_series(1, 200);
    create index i on "gone ä".t (v); create index j on "gone ä".t (v);
    create sequence "gone ä".s; select nextval('"gone ä".s');
    create unlogged table "gone ä".u (id int) with (autovacuum_enabled = off);
    create materialized view "gone ä".m as select 1 as id
"""


def _churn(lab: Lab, stop: threading.Event) -> None:
    """Make and drop objects of every kind, as fast as it goes."""
    with lab.server.endpoint().connect("churn databases") as admin, lab.endpoint.connect("churn") as here:
        while not stop.is_set():
            for sql in (ROUND, 'drop schema "gone ä" cascade'):
                here.execute(sql.encode())
            for sql in ("create role churned login", "drop role churned"):
                admin.execute(sql.encode())
            try:
                admin.execute("create database churned strategy file_copy")
                admin.execute("drop database churned with (force)")
            except psycopg.Error:
                admin.execute("drop database if exists churned with (force)")


@contextmanager
def churning(lab: Lab) -> Iterator[None]:
    """Beside what is done here, things come and go."""
    stop = threading.Event()
    thread = threading.Thread(target=_churn, args=(lab, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.slow
def test_things_come_and_go_beside_every_check(server: ScratchServer) -> None:
    with fresh_database(server, "vanishing") as lab:
        lab.run("create role vanishing_watcher login in role pg_monitor, pg_read_all_data")
        with churning(lab):
            broken = {
                f"{duty.name} as {user}": kept
                for _ in range(3)
                for user in ("postgres", "vanishing_watcher")
                for duty in CHECKS
                if isinstance(kept := _kept(lambda duty=duty, user=user: ask(lab, duty, user)), Exception)  # type: ignore[misc]
            }
        lab.run("drop owned by vanishing_watcher; drop role vanishing_watcher")
    assert not broken


BLOATED = """
    create extension pgstattuple;
    create table going (id int primary key, note text); create table staying (like going including all);
    insert into going select i, repeat('x', 100) from generate_series(1, 5000) as i; insert into staying select * from going;
    delete from going where id % 10 > 0; delete from staying where id % 10 > 0; analyze
"""


@pytest.mark.parametrize(
    ("duty", "rest"), [(table_bloat, "public.staying"), (index_bloat, "public.staying_pkey")], ids=["table", "index"]
)
def test_what_goes_before_it_is_measured_hides_no_other(lab: Lab, duty: Duty, rest: str) -> None:
    lab.run(BLOATED)
    lab.run("vacuum going")
    lab.run("vacuum staying")
    dropper = lab.session(autocommit=False)
    dropper.execute("drop table going")
    answer = _asked_until_dropped(lab, duty, dropper)
    assert [name for _, name in rules(answer)] == [rest]


def test_what_is_gone_is_said_as_that(lab: Lab) -> None:
    with lab.endpoint.connect("look") as connection:
        pg = Postgres(connection)
        with pytest.raises(VanishedError, match="dropped meanwhile"):
            pg.value("select pg_catalog.pg_sequence_last_value(4000000000::oid)")


def test_a_question_is_put_again_when_what_it_listed_is_gone(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    with lab.endpoint.connect("look") as connection:
        asked: list[Any] = []
        execute = connection.execute

        def once_gone(sql: Any, *more: Any) -> Any:
            asked.append(sql)
            return execute("select pg_catalog.pg_sequence_last_value(4000000000::oid)" if len(asked) == 1 else sql, *more)

        monkeypatch.setattr(connection, "execute", once_gone)
        assert Postgres(connection).value("select 42") == 42
    assert len(asked) == 2
