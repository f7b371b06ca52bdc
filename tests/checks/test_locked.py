"""Whatever a check looks at may be locked by another session for as long as it likes: it is left out and said, nobody waits."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.checks.test_every_check import CHECKS, IDS, TODAY
from tests.checks.test_login_settings import LOW
from tests.lab import Lab, fresh_database, rules
from upkeep.answer import Answer, Status
from upkeep.checks.database.sequences import sequences
from upkeep.duty import Duty
from upkeep.errors import LockedError
from upkeep.sources.postgres_errors import again_when_locked
from upkeep.sources.scratch import ScratchServer

PLANT = Path(__file__).with_name("faulty.sql")
HURRIED = {"lock_timeout_s": 0.1, "statement_timeout_s": 60.0}
# Each locks a sequence in its own way; the mildest still holds off whoever asks for its value.
LOCKS = (
    "alter sequence s increment 1",
    "alter sequence s restart with 5",
    "alter sequence s owner to postgres",
    "drop sequence s",
    "truncate numbered restart identity",
)


def ask(lab: Lab, duty: Duty, **more: float) -> Answer:
    return lab.ask(duty, window=TODAY, target={**HURRIED, "thresholds": {duty.name: {**LOW.get(duty.name, {}), **more}}})


@pytest.fixture(scope="module")
def all_locked(server: ScratchServer) -> Iterator[Lab]:
    """A database with many faults, of which another session has locked everything."""
    with fresh_database(server, "all_locked") as lab:
        lab.run(PLANT.read_text(encoding="utf-8"))
        lab.session(autocommit=False).execute("drop schema public, hostile, open cascade")
        yield lab


@pytest.mark.parametrize("duty", CHECKS, ids=IDS)
def test_everything_is_locked_wholly(all_locked: Lab, duty: Duty) -> None:
    assert isinstance(ask(all_locked, duty), Answer)


@pytest.fixture
def numbered(lab: Lab) -> Lab:
    """One sequence that somebody locks and one that is nearly used up."""
    lab.run("create sequence s; create table numbered (id bigint default nextval('s')); alter sequence s owned by numbered.id")
    lab.run("create sequence full_ as smallint; select setval('full_', 32000)")
    return lab


@pytest.mark.fault
@pytest.mark.parametrize("lock", LOCKS)
def test_a_locked_sequence_hides_no_other(numbered: Lab, lock: str) -> None:
    numbered.session(autocommit=False).execute(lock.replace("drop sequence s", "drop sequence s cascade").encode())
    answer = ask(numbered, sequences)
    assert rules(answer) == [("sequence_near_end", "public.full_")]
    assert "1 of 2 sequences locked by another session, such as public.s" in answer.summary


@pytest.mark.fault
@pytest.mark.parametrize("lock", LOCKS)
def test_a_locked_sequence_alone_is_unknown(numbered: Lab, lock: str) -> None:
    numbered.run("drop sequence full_")
    holder = numbered.session(autocommit=False)
    holder.execute(lock.replace("drop sequence s", "drop sequence s cascade").encode())
    answer = ask(numbered, sequences)
    assert answer.status is Status.UNKNOWN
    assert "1 of 1 sequence locked by another session, such as public.s" in answer.summary
    assert numbered.value(str(answer.evidence["remedy"]).partition("from")[2].join(["select count(*) from", ""])) > 0
    holder.rollback()
    assert ask(numbered, sequences).status is Status.OK


@pytest.mark.near_miss
@pytest.mark.parametrize("use", ["select nextval('s')", "select last_value from s", "insert into numbered default values"])
def test_a_sequence_in_use_is_not_locked(numbered: Lab, use: str) -> None:
    numbered.run("drop sequence full_")
    numbered.session(autocommit=False).execute(use.encode())
    assert ask(numbered, sequences).status is Status.OK


def refusing(times: int, asked: list[int]) -> Callable[[], str]:
    def ask() -> str:
        asked.append(1)
        if len(asked) <= times:
            raise LockedError("planted")
        return "seen"

    return ask


def test_what_is_locked_between_the_listing_and_the_looking_is_asked_again_once() -> None:
    asked: list[int] = []
    assert again_when_locked(refusing(1, asked)) == "seen"
    assert len(asked) == 2
    asked.clear()
    with pytest.raises(LockedError, match="waited too long for a lock: planted"):
        again_when_locked(refusing(9, asked))
    assert len(asked) == 2


def test_a_locked_sequence_on_every_version(every_lab: Lab) -> None:
    every_lab.run("create sequence s; create sequence full_ as smallint; select setval('full_', 32000)")
    every_lab.session(autocommit=False).execute("alter sequence s increment 1")
    assert rules(ask(every_lab, sequences)) == [("sequence_near_end", "public.full_")]
