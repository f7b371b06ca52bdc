"""The session that works: it waits for nobody for long, lets others pass, and says what came of each statement."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from psycopg.sql import SQL

from tests.lab import Lab, asking, fresh_database
from tests.other_language import german_server
from tests.pgbouncer import pgbouncer
from tests.replica import standby_of
from upkeep.answer import Answer, Status
from upkeep.duty import job
from upkeep.errors import BrokenError, CannotAskError
from upkeep.maintenance.session import Done, Maintenance, opened
from upkeep.maintenance.work import Outcome
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint, session
from upkeep.targets.database import Database
from upkeep.window import Cadence

VACUUM = SQL("vacuum (skip_locked, verbose) public.t")
# Slow on purpose: a page costs far more than the limit of one round.
SLOW = {"vacuum_cost_delay": "100ms", "vacuum_cost_limit": "1", "vacuum_cost_page_miss": "100", "vacuum_cost_page_hit": "100"}


@contextmanager
def working(lab: Lab, *, user: str = "postgres", to: Endpoint | None = None) -> Iterator[Maintenance]:
    """Both sessions on the lab."""
    with ExitStack() as stack:
        pg = stack.enter_context(session(lab.endpoint, "check"))
        yield stack.enter_context(opened(to or lab.login(user), pg, "upkeep at work", lock_timeout_s=0.3))


def open_to_servers(folder: Path) -> Path:
    """A folder that the user of servers may go through."""
    folder.chmod(0o755)
    return folder


@pytest.fixture
def filled(lab: Lab) -> Lab:
    """A table with dead rows."""
    lab.run(
        "create table t as select n as id, repeat('x', 500) as text from generate_series(1, 5000) as n; create index on t (id)"
    )
    lab.run("delete from t where id % 2 = 0")
    return lab


def test_what_is_done_is_done_and_what_was_said_is_kept(filled: Lab) -> None:
    with working(filled) as made:
        done = made.do(VACUUM, {}, 60)
    assert (done.outcome, done.message) == (Outcome.DONE, "")
    assert any("tuples: 2500 removed" in notice.text for notice in done.notices)
    assert filled.value("select vacuum_count from pg_stat_user_tables where relname = 't'") == 1


def test_what_another_has_locked_is_passed_over_at_once(filled: Lab) -> None:
    holder = filled.session(autocommit=False)
    holder.execute("lock table t in share mode")
    with working(filled) as made:
        done = made.do(VACUUM, {}, 60)
    assert done.outcome is Outcome.LOCKED
    assert "lock not available" in done.message


def test_a_lock_that_it_cannot_pass_over_is_not_waited_for(filled: Lab) -> None:
    holder = filled.session(autocommit=False)
    holder.execute("lock table t in access exclusive mode")
    with working(filled) as made:
        assert made.do(SQL("vacuum public.t"), {}, 60).outcome is Outcome.LOCKED


def test_whoever_waits_for_it_goes_first(filled: Lab) -> None:
    other = filled.session()

    def alter() -> None:
        other.execute("alter table t add column more int")

    with working(filled) as made:
        waits = threading.Timer(0.5, alter)
        waits.start()
        done = made.do(VACUUM, SLOW, 60)
        waits.join()
    assert (done.outcome, done.message) == (Outcome.GAVE_WAY, "somebody waited for it")


def test_its_time_is_limited(filled: Lab) -> None:
    with working(filled) as made:
        assert made.do(VACUUM, SLOW, 0.5).outcome is Outcome.OUT_OF_TIME
        assert made.do(VACUUM, {"vacuum_cost_delay": "0"}, 60).outcome is Outcome.DONE, "the session goes on"


def test_one_that_ends_it_by_hand_is_obeyed(filled: Lab) -> None:
    with working(filled) as made:
        pid = made.pid
        ends = threading.Timer(0.5, lambda: filled.value(f"select pg_cancel_backend({pid})"))
        ends.start()
        done = made.do(VACUUM, SLOW, 60)
        ends.join()
    assert (done.outcome, "from outside" in done.message) == (Outcome.GAVE_WAY, True)


def test_skipped_for_want_of_a_right_is_not_done(filled: Lab) -> None:
    filled.run("create role worker login")
    with working(filled, user="worker") as made:
        done = made.do(VACUUM, {}, 60)
    assert done.outcome is Outcome.NOT_PERMITTED
    assert "permission denied" in done.message


PARTS = """
    drop role if exists shop; drop role if exists worker; create role shop; create role worker login;
    create table whole (id int) partition by range (id);
    create table own_part partition of whole for values from (0) to (10);
    create table "Teil Ö" partition of whole for values from (10) to (20);
    insert into whole select generate_series(0, 19);
    alter table whole owner to worker; alter table own_part owner to worker; alter table "Teil Ö" owner to shop;
"""


def parts_analyzed(lab: Lab) -> Done:
    """A partitioned table of which one part is another's."""
    lab.run(PARTS)
    oid = lab.value("select 'public.whole'::regclass::oid::int8")
    with working(lab, user="worker") as made:
        assert made.do(SQL("analyze (verbose, skip_locked) public.own_part"), {}, 60, oid).outcome is Outcome.DONE
        return made.do(SQL("analyze (verbose, skip_locked) public.whole"), {}, 60, oid)


def test_a_part_that_is_anothers_is_named(every_lab: Lab) -> None:
    done = parts_analyzed(every_lab)
    assert done.outcome is Outcome.NOT_PERMITTED
    assert done.message.startswith('not permitted on 1 part, such as public."Teil Ö": ')


def test_a_part_that_is_anothers_is_named_whatever_the_server_speaks(tmp_path: Path) -> None:
    with german_server(open_to_servers(tmp_path) / "german") as server, fresh_database(server, "laden") as shop:
        done = parts_analyzed(shop)
    assert done.outcome is Outcome.NOT_PERMITTED
    assert "überspringe" in done.message
    assert done.message.startswith('not permitted on 1 part, such as public."Teil Ö": ')


def test_what_is_gone_is_said_to_be(filled: Lab) -> None:
    with working(filled) as made:
        assert made.do(SQL("analyze public.gone"), {}, 60).outcome is Outcome.VANISHED
        assert made.do(SQL("analyze nowhere.t"), {}, 60).outcome is Outcome.VANISHED


def test_what_the_server_refuses_is_an_outcome(filled: Lab) -> None:
    filled.run("create view v as select 1 as id; create table e (id int); create statistics s on (id / (id - 1)), id from e")
    filled.run("insert into e values (1), (1)")
    with working(filled) as made:
        done = made.do(SQL("analyze public.e"), {}, 60)
    assert (done.outcome, "division by zero" in done.message) == (Outcome.FAILED, True)


def test_a_lost_session_is_broken(filled: Lab) -> None:
    with working(filled) as made:
        filled.value(f"select pg_terminate_backend({made.pid}, 5000)")
        with pytest.raises(BrokenError):
            made.do(VACUUM, {}, 60)


def test_when_nobody_can_see_who_waits_it_stops(filled: Lab) -> None:
    end = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'check'"
    with working(filled) as made:
        ends = threading.Timer(0.5, lambda: filled.value(end))
        ends.start()
        with pytest.raises(BrokenError):
            made.do(VACUUM, SLOW, 60)
        ends.join()


def test_a_pooler_in_transaction_mode_is_refused(filled: Lab, tmp_path: Path) -> None:
    with (
        pgbouncer(open_to_servers(tmp_path) / "pool", filled.endpoint, "transaction") as pooled,
        pytest.raises(CannotAskError, match="pooler in transaction mode"),
        working(filled, to=pooled),
    ):
        pass


def test_a_pooler_in_session_mode_will_do_and_nothing_stays_set(filled: Lab, tmp_path: Path) -> None:
    with pgbouncer(open_to_servers(tmp_path) / "pool", filled.endpoint, "session", size=1) as pooled:
        with working(filled, to=replace(pooled, database=filled.database)) as made:
            assert made.do(VACUUM, {"vacuum_cost_delay": "3ms"}, 60).outcome is Outcome.DONE
        with pooled.connect("next") as after:
            assert after.execute("show vacuum_cost_delay").fetchone() == ("0",)


def test_another_server_is_refused(filled: Lab, every_lab: Lab) -> None:
    with pytest.raises(CannotAskError, match="not where the other session is"), working(filled, to=every_lab.endpoint):
        pass


@pytest.mark.slow
def test_a_standby_is_refused(filled: Lab, tmp_path: Path) -> None:
    with (
        standby_of(filled.server, open_to_servers(tmp_path) / "standby") as standby,
        pytest.raises(CannotAskError, match="is a standby"),
        working(filled, to=standby.endpoint(filled.database)),
    ):
        pass


@job(Cadence.MONTHLY, owner="database")
def nothing(db: Database, work: Maintenance) -> Answer:
    """A job that only looks at its session."""
    return Answer.judged(f"{db.name} as {work.own.value('select current_user')}")


def test_a_database_without_a_login_is_unknown_with_what_to_write(lab: Lab) -> None:
    answer = lab.ask(nothing)
    assert (answer.status, answer.summary) == (Status.UNKNOWN, "lab has no maintenance login: the login that checks only reads")
    assert "maintenance: {login: lab_maintenance}" in answer.evidence["remedy"]


def test_it_takes_one_turn_only(lab: Lab) -> None:
    target = Database(name="lab", owner="o", connection="lab", at_once=1, maintenance={"login": "lab"})
    with lab.endpoint.connect("store") as store:
        asked = asking(nothing, target, OneDatabase(lab.endpoint), database=store)
        assert ask(asked).summary == "lab as postgres"
