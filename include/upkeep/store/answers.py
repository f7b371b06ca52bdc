"""Writing answers: the `answer`, `metric`, `finding` and `memory` rows of one question, in one transaction, replaced by key."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from upkeep.answer import Answer, Finding, Metric
from upkeep.duty import Duty
from upkeep.sources.postgres import Endpoint, translated
from upkeep.window import Window

if TYPE_CHECKING:
    import psycopg


@dataclass(frozen=True, slots=True)
class Key:
    """What an answer is about; the key of its rows."""

    duty: str
    target: str
    window_start: datetime
    window_end: datetime

    @classmethod
    def of(cls, duty: Duty, target: str, window: Window) -> "Key":
        """The key for one duty, target and window."""
        return cls(duty.name, target, window.start, window.end)


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
    with endpoint.connect(application) as connection, translated():
        connection.execute("set time zone 'UTC'")
        yield connection


def save(
    connection: "psycopg.Connection[Any]", duty: Duty, target: str, window: Window, answer: Answer, provenance: Provenance
) -> None:
    """
    Replace everything this duty said about this target and window.

    One transaction: killed at any point, either the old rows or the new ones are there.
    Two writers of one key wait for each other.
    """
    key = Key.of(duty, target, window)
    with translated(), connection.transaction():
        _lock(connection, key)
        _delete(connection, key)
        _insert_answer(connection, key, duty, answer, provenance)
        _insert_findings(connection, key, answer.findings)
        _copy_metrics(connection, key, answer.metrics)
        if answer.memory is not None:
            _insert_memory(connection, key, answer)


def save_unless_answered(
    connection: "psycopg.Connection[Any]", duty: Duty, target: str, window: Window, answer: Answer, provenance: Provenance
) -> bool:
    """Like `save`, but rows that are already there win. True if this answer was stored."""
    key = Key.of(duty, target, window)
    with translated(), connection.transaction():
        _lock(connection, key)
        if connection.execute(sql("answer_exists"), astuple(key)).fetchone():
            return False
        _insert_answer(connection, key, duty, answer, provenance)
    return True


def _lock(connection: "psycopg.Connection[Any]", key: Key) -> None:
    connection.execute(
        "select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(%s, 0))", ["\x1f".join(map(str, astuple(key)))]
    )


def _delete(connection: "psycopg.Connection[Any]", key: Key) -> None:
    connection.execute(sql("delete_metrics"), astuple(key))
    connection.execute(sql("delete_answer"), astuple(key))


def _insert_answer(connection: "psycopg.Connection[Any]", key: Key, duty: Duty, answer: Answer, provenance: Provenance) -> None:
    p = provenance
    row = (
        *astuple(key), duty.cadence.value, answer.status.value, clean(answer.summary), _json(answer.evidence), p.asked_at,
        p.seconds, p.dag_id, p.run_id, p.task_id, p.map_index, p.try_number,
    )  # fmt: skip
    connection.execute(sql("insert_answer"), row)


def _insert_findings(connection: "psycopg.Connection[Any]", key: Key, findings: tuple[Finding, ...]) -> None:
    rows = [
        (
            *astuple(key), f.fingerprint(key.duty, key.target), clean(f.rule), clean(f.object), f.severity.label, clean(f.title),
            clean(f.remedy), f.value, f.limit, f.unit, _json(f.details),
        )
        for f in findings
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.executemany(sql("insert_finding"), rows)


def _copy_metrics(connection: "psycopg.Connection[Any]", key: Key, metrics: tuple[Metric, ...]) -> None:
    if not metrics:
        return
    base = astuple(key)
    moments = {m.at or key.window_end for m in metrics}
    for month in {moment.strftime("%Y-%m-01") for moment in moments}:
        connection.execute("select upkeep.ensure_metric_month(%s::date)", [month])
    with connection.cursor() as cursor, cursor.copy(sql("copy_metrics")) as copy:
        for m in metrics:
            at = m.at or key.window_end
            copy.write_row((*base, m.name, _json(m.labels), at, m.value, m.unit, m.numerator, m.denominator, m.n))


def _insert_memory(connection: "psycopg.Connection[Any]", key: Key, answer: Answer) -> None:
    connection.execute(sql("insert_memory"), (*astuple(key), _json(answer.memory)))
    connection.execute(sql("forget_memory"), {"duty": key.duty, "target": key.target, "end": key.window_end})


def clean(text: str) -> str:
    """PostgreSQL's text cannot hold NUL."""
    return text.replace("\x00", "�")


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=True, default=str).replace("\\u0000", "\\ufffd")


def sql(name: str) -> Any:
    """A statement of this package by its file name."""
    return (files("upkeep.store") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
