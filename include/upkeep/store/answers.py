"""Writing answers: the `answer`, `metric`, `finding` and `state` rows of one question, in one transaction, replaced by key."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from upkeep.answer import Answer, Finding, Metric, Status
from upkeep.duty import Duty
from upkeep.errors import BrokenError
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.key import Key
from upkeep.store.metric_lines import chunks
from upkeep.store.plain import clean, to_json
from upkeep.store.records import copy_records
from upkeep.window import Window

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which Airflow task instance asked, when, and for how long (seconds)."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int
    asked_at: datetime
    seconds: float


@contextmanager
def connected(endpoint: Endpoint, application: str = "upkeep store") -> Iterator["psycopg.Connection[Any]"]:
    """A connection to the report database, in UTC. Raises BrokenError with retry when it is away."""
    with endpoint.connect(application) as connection, translate_errors():
        connection.execute("set time zone 'UTC'")
        yield connection


def save(
    connection: "psycopg.Connection[Any]", duty: Duty, target: str, window: Window, answer: Answer, provenance: Provenance
) -> None:
    """
    Replace everything this duty said about this target and window.

    One transaction: killed at any point, either the old rows or the new ones are there.
    Two writers of one key wait for each other. Raises BrokenError when two metrics or findings of the answer have the same key.
    """
    key = Key.of(duty, target, window)
    with translate_errors(), _possible(key):
        _ensure_months(connection, key, answer.metrics)
        _replace(connection, key, duty, answer, provenance)


def _replace(connection: "psycopg.Connection[Any]", key: Key, duty: Duty, answer: Answer, provenance: Provenance) -> None:
    with connection.transaction():
        _lock(connection, key)
        before = _delete(connection, key)
        _insert_answer(connection, key, duty, answer, provenance)
        _copy_findings(connection, key, answer.findings, before, provenance.asked_at)
        if before and answer.status is not Status.UNKNOWN:
            _settle_replaced(connection, key, answer.findings, provenance.asked_at)
        _copy_metrics(connection, key, answer.metrics)
        copy_records(connection, key, answer.records)
        if answer.state is not None:
            _insert_state(connection, key, answer)


def save_unless_answered(
    connection: "psycopg.Connection[Any]", duty: Duty, target: str, window: Window, answer: Answer, provenance: Provenance
) -> bool:
    """Like `save`, but rows that are already there win. True if this answer was stored."""
    key = Key.of(duty, target, window)
    with translate_errors(), connection.transaction():
        _lock(connection, key)
        if connection.execute(sql("answer_exists"), astuple(key)).fetchone():
            return False
        _insert_answer(connection, key, duty, answer, provenance)
    return True


def note_asked(connection: "psycopg.Connection[Any]", duty: Duty, target: str, window: Window, provenance: Provenance) -> None:
    """
    Note that a question is put, so that a task which dies over it is told from one that never ran.

    One statement; the answer takes the note away. Killed anywhere, the note stays, which is its purpose.
    """
    p = provenance
    row = (*astuple(Key.of(duty, target, window)), p.dag_id, p.run_id, p.try_number, p.asked_at)
    with translate_errors():
        connection.execute(sql("note_asked"), row)


def save_unless_answered_in_run(
    connection: "psycopg.Connection[Any]", duty: Duty, target: str, window: Window, answer: Answer, provenance: Provenance
) -> bool:
    """Like `save`, unless the run of `provenance` has an answer by now. True if this answer was stored."""
    key = Key.of(duty, target, window)
    params = (duty.cadence.value, window.start, window.end, provenance.dag_id, provenance.run_id, key.duty, key.target)
    with translate_errors(), connection.transaction():
        _lock(connection, key)
        if connection.execute(sql("answered_in_run"), params).fetchone():
            return False
        _delete(connection, key)
        _insert_answer(connection, key, duty, answer, provenance)
    return True


def _lock(connection: "psycopg.Connection[Any]", key: Key) -> None:
    connection.execute(
        "select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(%s, 0))", ["\x1f".join(map(str, astuple(key)))]
    )


def _delete(connection: "psycopg.Connection[Any]", key: Key) -> Mapping[str, datetime]:
    """Make room for other rows; what the window had is kept aside, and given with when it was first found."""
    connection.execute(sql("keep_replaced_findings"), astuple(key))
    before = dict(connection.execute(sql("replaced_findings"), astuple(key)).fetchall())
    connection.execute(sql("delete_metrics"), astuple(key))
    connection.execute(sql("delete_answer"), astuple(key))
    return before


def _insert_answer(connection: "psycopg.Connection[Any]", key: Key, duty: Duty, answer: Answer, provenance: Provenance) -> None:
    p = provenance
    row = (
        *astuple(key), duty.cadence.value, answer.status.value, clean(answer.summary), to_json(answer.evidence), p.asked_at,
        p.seconds, p.dag_id, p.run_id, p.task_id, p.map_index, p.try_number,
    )  # fmt: skip
    connection.execute(sql("insert_answer"), row)
    connection.execute(sql("delete_pending"), astuple(key))


def _copy_findings(
    connection: "psycopg.Connection[Any]", key: Key, findings: tuple[Finding, ...], before: Mapping[str, datetime], now: datetime
) -> None:
    # One statement however many there are: triggers work out the life of findings after each statement.
    if not findings:
        return
    with connection.cursor() as cursor, cursor.copy(sql("copy_findings")) as copy:
        for f in findings:
            fingerprint = f.fingerprint(key.duty, key.target)
            copy.write_row((
                *astuple(key), fingerprint, clean(f.rule), clean(f.object), f.severity.label, clean(f.title), clean(f.remedy),
                f.value, f.limit, f.unit or "", to_json(f.details), f.due_by, f.own_clock,
                min(now, before.get(fingerprint, now)),
            ))  # fmt: skip


def _settle_replaced(connection: "psycopg.Connection[Any]", key: Key, findings: tuple[Finding, ...], now: datetime) -> None:
    found = [f.fingerprint(key.duty, key.target) for f in findings]
    about = {"duty": key.duty, "target": key.target, "start": key.window_start, "end": key.window_end}
    connection.execute(sql("settle_replaced_findings"), {**about, "found": found, "at": now})


def _ensure_months(connection: "psycopg.Connection[Any]", key: Key, metrics: tuple[Metric, ...]) -> None:
    """Before the rows' own transaction, so that nobody waits for a partition while holding rows."""
    moments = {m.at or key.window_end for m in metrics}
    for month in sorted({moment.astimezone(UTC).date().replace(day=1) for moment in moments}):
        connection.execute("select upkeep.ensure_metric_month(%s)", [month])


def _copy_metrics(connection: "psycopg.Connection[Any]", key: Key, metrics: tuple[Metric, ...]) -> None:
    if not metrics:
        return
    base = (key.duty, key.target, key.window_start.isoformat(), key.window_end.isoformat())
    with connection.cursor() as cursor, cursor.copy(sql("copy_metrics")) as copy:
        for chunk in chunks(base, metrics, key.window_end):
            copy.write(chunk)


def _insert_state(connection: "psycopg.Connection[Any]", key: Key, answer: Answer) -> None:
    connection.execute(sql("insert_state"), (*astuple(key), to_json(answer.state)))
    connection.execute(sql("forget_state"), {"duty": key.duty, "target": key.target, "end": key.window_end})


@contextmanager
def _possible(key: Key) -> Iterator[None]:
    import psycopg

    try:
        yield
    except psycopg.errors.UniqueViolation as error:
        message = error.diag.message_detail or str(error)
        reason = f"{key.duty} said two things about {key.target} under one key, and nothing was stored: {clean(message)}"
        raise BrokenError(reason, "tell them apart by their labels, rule or object", retry=False) from error
    except psycopg.errors.CheckViolation as error:
        constraint = f"{error.diag.table_name} ({error.diag.constraint_name})"
        reason = f"{key.duty} said something about {key.target} that {constraint} refuses, and nothing was stored"
        raise BrokenError(reason, "correct the duty: summary, title and remedy say something", retry=False) from error


def sql(name: str) -> Any:
    """A statement of this package by its file name."""
    return (files("upkeep.store") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
