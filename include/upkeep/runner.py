"""Asking one duty about one target for one window: give it what it takes, judge what went wrong, and store the answer."""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from upkeep.answer import Answer, Status
from upkeep.backups.registry import Registry
from upkeep.decisions.asked import Asked
from upkeep.decisions.decision import Decision, Subject
from upkeep.decisions.past import NothingDecided, PastDecisions
from upkeep.duty import Duty, History, Progress
from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.connections import Connections
from upkeep.sources.postgres import Endpoint, Postgres, session
from upkeep.store.answers import Key, Provenance, connected, save, save_unless_answered
from upkeep.store.backups import StoredRegistry
from upkeep.store.decisions import StoredDecisions, note_review
from upkeep.store.history import StoredHistory
from upkeep.store.session_limit import slot
from upkeep.targets.database import Database
from upkeep.targets.target import Target
from upkeep.window import Window, is_latest

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger(__name__)
PRESENT_ONLY = "present only: this duty sees the live system and cannot be asked about a past window"


@dataclass(frozen=True, slots=True)
class Asking:
    """One question about to be put. `replay` is true in a backfill."""

    duty: Duty
    target: Target
    window: Window
    connections: Connections
    store: Endpoint
    provenance: Provenance
    replay: bool = False

    @property
    def present_only(self) -> bool:
        """Whether this is about the past and the duty only sees the present."""
        return not self.duty.dated and (self.replay or not is_latest(self.window, self.provenance.asked_at))


def ask_and_store(asking: Asking) -> Answer:
    """
    Put the question and store its answer, whatever it is.

    A broken question is stored as unknown and then raised (BrokenError), so that the caller can retry. Nothing is written before
    the answer is known, and it is written in one transaction: killed at any point, a rerun asks again and replaces.
    """
    with connected(asking.store, f"upkeep {asking.duty.name}") as store:
        if asking.present_only:
            return _store_present_only(store, asking)
        begun = time.monotonic()
        try:
            answer, broken = _ask(store, asking), None
        except BrokenError as error:
            answer, broken = Answer.unknown(f"could not ask: {error.reason}", error.remedy), error
        provenance = replace(asking.provenance, seconds=round(time.monotonic() - begun, 3))
        _note_review(store, asking, answer)
        save(store, asking.duty, asking.target.name, asking.window, answer, provenance)
    if broken:
        raise broken
    return answer


def ask(
    duty: Duty,
    target: Target,
    connections: Connections,
    *,
    window: Window | None = None,
    history: History | None = None,
    registry: Registry | None = None,
    past: PastDecisions | None = None,
) -> Answer:
    """Put the question to the target and return the answer; missing rights are unknown. Raises BrokenError."""
    given: Mapping[type, Any] = {
        Window: window, History: history, Connections: connections, Registry: registry, Progress: say_progress,
        PastDecisions: past or NothingDecided(),
    }  # fmt: skip
    try:
        _refuse_without_rows(duty, registry)
        with ExitStack() as stack:
            sessions = {Postgres: lambda: stack.enter_context(_postgres(duty, target, connections))}
            arguments = {name: sessions[kind]() if kind in sessions else given[kind] for name, kind in duty.takes.items()}
            return duty.ask(target, **arguments, **_thresholds(duty, target))
    except CannotAskError as error:
        return Answer.unknown(error.reason, error.remedy)


def say_progress(step: str, text: str = "") -> None:
    """Progress as lines of the task's log."""
    log.info("%s%s", step, f": {text}" if text else "")


def _ask(store: "psycopg.Connection[Any]", asking: Asking) -> Answer:
    history = StoredHistory(store, Key.of(asking.duty, asking.target.name, asking.window))
    limit = asking.target.at_once if isinstance(asking.target, Database) else 0
    with ExitStack() as stack:
        if limit and Postgres in asking.duty.takes.values():
            stack.enter_context(slot(store, asking.target.name, limit))
        registry = StoredRegistry(store, asking.window, asking.provenance)
        return ask(
            asking.duty,
            asking.target,
            asking.connections,
            window=asking.window,
            history=history,
            registry=registry,
            past=StoredDecisions(store, Key.of(asking.duty, asking.target.name, asking.window)),
        )


def _note_review(store: "psycopg.Connection[Any]", asking: Asking, answer: Answer) -> None:
    """Open what a review asks, or withdraw what it asked before; an unknown answer changes nothing."""
    duty, now = asking.duty, asking.provenance.asked_at
    if duty.kind != "review" or answer.status is Status.UNKNOWN:
        return
    about, asked = Subject(duty=duty.name, target=asking.target.name, window=asking.window), None
    if isinstance(answer, Asked):
        asked = Decision(kind="review", subject=about, question=answer.question, needed=duty.signers, due_days=duty.due_days)
    note_review(store, about, asked, now)


def _refuse_without_rows(duty: Duty, registry: Registry | None) -> None:
    if Registry in duty.takes.values() and registry is None:
        raise CannotAskError(f"{duty.name} reads the rows of backups, and there is no report database to read them from")


def _store_present_only(store: "psycopg.Connection[Any]", asking: Asking) -> Answer:
    answer = Answer.unknown(PRESENT_ONLY)
    save_unless_answered(store, asking.duty, asking.target.name, asking.window, answer, asking.provenance)
    return answer


def _thresholds(duty: Duty, target: Target) -> Mapping[str, Any]:
    return {**duty.thresholds, **target.thresholds.get(duty.name, {})}


@contextmanager
def _postgres(duty: Duty, target: Target, connections: Connections) -> Iterator[Postgres]:
    if not isinstance(target, Database):
        msg = f"{duty.name} asks PostgreSQL, but {target.name} is no database"
        raise CannotAskError(msg)
    with session(
        connections.postgres(target.connection),
        f"upkeep {duty.name}",
        statement_timeout_s=target.statement_timeout_s,
        lock_timeout_s=target.lock_timeout_s,
    ) as postgres:
        _require(duty, postgres)
        yield postgres


def _require(duty: Duty, postgres: Postgres) -> None:
    missing = {need: remedy for need in duty.needs if (remedy := need.missing(postgres))}
    if missing:
        names = ", ".join(need.name for need in missing)
        unseen = "; ".join(need.without for need in missing)
        raise CannotAskError(f"needs {names}: without it Upkeep cannot see {unseen}", "\n".join(missing.values()))
