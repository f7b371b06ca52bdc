"""Everything that a duty may take has a provider, found by its type; what cannot be given is unknown with its reason."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.lab import Lab, asking
from upkeep.answer import Answer, Status
from upkeep.backups.registry import Registry
from upkeep.config.inventory import Inventory, current
from upkeep.discovery import discover
from upkeep.duty import Deadline, Duty, History, check, job
from upkeep.errors import BrokenError, CannotAskError
from upkeep.given import providers
from upkeep.given.asked import Asked, provides
from upkeep.given.deadline import RESERVE
from upkeep.runner import ask
from upkeep.sources.connections import Connections, OneDatabase
from upkeep.sources.postgres import Endpoint, Postgres
from upkeep.sources.rows import Rows
from upkeep.store.migrate import migrate
from upkeep.targets.database import Database
from upkeep.targets.system import System
from upkeep.window import Cadence, Window

SHOP = Database(name="shop", owner="ann", connection="shop_db", at_once=1)
NOWHERE = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))


@check(Cadence.DAILY, owner="tests")
def everything(
    db: Database,
    window: Window,
    history: History,
    rows: Rows,
    registry: Registry,
    connections: Connections,  # noqa: ARG001
) -> Answer:
    """Takes everything that needs no session on its target."""
    return Answer.judged(f"{db.name} {window.start:%d} {history.state()} {type(rows).__name__} {registry is not None}")


@check(Cadence.DAILY, owner="tests")
def session(db: System, pg: Postgres) -> Answer:  # noqa: ARG001 - never asked
    """Asks PostgreSQL of what is no database."""
    return Answer.judged("never")


@job(Cadence.MONTHLY, owner="tests", hours=2)
def long_work(db: Database, deadline: Deadline) -> Answer:  # noqa: ARG001
    """Stops in time."""
    return Answer.judged(f"{deadline.of_s:.0f} {deadline.passed} {deadline.allows(7000)} {deadline.allows(6800)}")


@pytest.mark.parametrize("duty", discover(), ids=lambda duty: duty.name)
def test_every_duty_takes_what_there_is(duty: Duty) -> None:
    lacking = [kind.__name__ for kind in duty.takes.values() if kind not in providers()]
    assert not lacking, f"{duty.name} takes {', '.join(lacking)}: add a file with @provides({lacking[0]}) to given/"


def test_each_type_has_one_provider_in_a_file_of_its_own() -> None:
    files = [provider.__module__ for provider in providers().values()]
    assert len(files) == len(set(files))


def test_all_that_needs_no_session_is_given(lab: Lab) -> None:
    migrate(lab.endpoint)
    asked = asking(everything, SHOP, NOWHERE, database=lab.session())
    assert ask(asked).summary == "shop 07 None Rows True"


@pytest.mark.parametrize("kind", [History, Rows, Registry])
def test_without_a_report_database_what_reads_rows_is_unknown(kind: type) -> None:
    with pytest.raises(CannotAskError, match="everything reads stored rows, and there is no report database"):
        given(asking(everything, SHOP, NOWHERE), kind)


def test_what_stands_in_is_taken_instead() -> None:
    stand_ins: dict[type, Any] = {History: _Nothing(), Rows: "r", Registry: None}
    assert ask(asking(everything, SHOP, NOWHERE), stand_ins).summary == "shop 07 None str False"


def test_a_session_on_what_is_no_database_is_unknown() -> None:
    answer = ask(asking(session, System(name="system", owner="ann"), NOWHERE))
    assert (answer.status, answer.summary) == (Status.UNKNOWN, "session asks PostgreSQL, but system is no database")


def test_a_deadline_leaves_time_to_store_the_answer() -> None:
    assert ask(asking(long_work, SHOP, NOWHERE)).summary == "6840 False False True"
    assert RESERVE * 7200 > 60
    assert Deadline(0, 1).passed
    assert Deadline(0, 1).left_s == 0


def test_turns_are_counted_over_sessions(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (asking(everything, SHOP, NOWHERE, database=lab.session()) for _ in range(2))
    monkeypatch.setattr("upkeep.given.asked.slot", _impatient())
    with first.turn():
        with pytest.raises(BrokenError, match="none of the 1 session that Upkeep may have on shop came free"), second.turn():
            pass
        with replace(second, target=SHOP.model_copy(update={"at_once": 2})).turn():
            pass
    with second.turn():
        pass


def test_a_provider_cleans_up_after_its_duty() -> None:
    messages = []

    @provides(int)
    def number(asked: Asked) -> Any:
        messages.append("open")
        yield 7
        messages.append(asked.duty.name)

    with number(asking(everything, SHOP, NOWHERE)) as given_number:
        assert (given_number, messages) == (7, ["open"])
    assert messages == ["open", "everything"]
    assert number.provides is int  # type: ignore[attr-defined]


def given(asked: Asked, kind: type) -> Any:
    with ExitStack() as stack:
        return stack.enter_context(providers()[kind](asked))


class _Nothing:
    def state(self) -> None:
        return None


def _impatient() -> Any:
    from upkeep.store.session_limit import slot

    return lambda connection, target, limit: slot(connection, target, limit, wait_s=0.1)


def test_the_inventory_is_that_of_the_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "inventory.yaml"
    path.write_text("people: [{name: ann, role: dba, slack: U0ANN}]\n")
    monkeypatch.setenv("UPKEEP_INVENTORY", str(path))
    current.cache_clear()
    assert [target.name for target in given(asking(everything, SHOP, NOWHERE), Inventory).targets] == ["system"]
    current.cache_clear()
