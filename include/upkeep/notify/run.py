"""What a run tells people: its summary, kept up to date while it works, and each failure at once."""

from importlib.resources import files
from typing import TYPE_CHECKING, Any

from upkeep.answer import Answer, Finding
from upkeep.given.asked import Asked
from upkeep.notify.backfill import backfill, part
from upkeep.notify.failure import Failure, Wrong, failure, settled, urgent
from upkeep.notify.links import Links
from upkeep.notify.picture import pictures
from upkeep.notify.summary import progress, summary
from upkeep.reports.run import RunReport
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.outbox import Message, body_of, put
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg

BACKFILL = "backfill/"
_OWNER = "select coalesce(owner_slack, '') from upkeep.target where name = %s"
_ONE_AT_A_TIME = "select pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(%s, 0))"


def thread_of(cadence: Cadence, window: Window, *, backfill: str | None = None) -> str:
    """The thread of a window, or of the whole backfill that `backfill` identifies; the same for every run of the window."""
    if backfill is not None:
        return f"{BACKFILL}{cadence.value}/{backfill}"
    return f"{cadence.value}/{window.start:%Y-%m-%dT%H:%M:%SZ}/{window.end:%Y-%m-%dT%H:%M:%SZ}"


def announce(
    connection: "psycopg.Connection[Any]", report: RunReport, links: Links, thread: str, *, final: bool, last: bool = True
) -> None:
    """
    Put the run's summary into the outbox: progress until it is `final`. Saying the same again sends nothing.

    In a backfill's thread each window adds its line to one message. `last` matters to a webhook only, which sends a message
    once: false while more windows are known to come. Raises BrokenError when the report database is away.
    """
    with translate_errors(), connection.transaction():
        key = f"{thread}/summary"
        if thread.startswith(BACKFILL):
            connection.execute(_ONE_AT_A_TIME, [key])
            parts = (body_of(connection, key) or {}).get("parts", {})
            parts[f"{report.window.start:%Y-%m-%dT%H:%M:%SZ}"] = part(report, links, done=final)
            body, kind = backfill(report.cadence.value, parts, links), "backfill"
            final = final and last and all(p["done"] for p in parts.values())
        else:
            body, kind = (summary if final else progress)(report, links), "summary"
        put(connection, Message(key=key, thread=thread, kind=kind, body=body, final=final))
        for message in pictures(report, links, thread) if kind == "summary" and final else ():
            put(connection, message)


def alert(connection: "psycopg.Connection[Any]", asked: Asked, answer: Answer, links: Links, thread: str, *, red: bool) -> bool:
    """
    Tell an answer that is red at once, and news that cannot wait; when neither is so any more, change what was told.

    A backfill tells no failures. True if anything is to be sent.

    Call it for every answer after it was stored: one that was never red is told to nobody. Raises BrokenError as `announce` does.
    """
    if thread.startswith(BACKFILL):
        return False
    key = f"{thread}/failure/{asked.duty.name}/{asked.target.name}"
    with translate_errors(), connection.transaction():
        news = any(f.at_once for f in answer.findings)
        if red or news or body_of(connection, key):
            about = _failure(connection, asked, answer, links, red=red)
            body = failure(about) if red else urgent(about) if news else settled(about)
            return put(connection, Message(key=key, thread=thread, kind="failure", body=body))
    return False


def _failure(connection: "psycopg.Connection[Any]", asked: Asked, answer: Answer, links: Links, *, red: bool) -> Failure:
    owner = connection.execute(_OWNER, [asked.target.name]).fetchone()
    judged = [f for f in answer.findings if f.severity >= asked.target.red_severity]
    found = (_red(connection, asked) or tuple(map(_wrong, judged))) if judged and red else ()
    p = asked.provenance
    return Failure(
        duty=asked.duty.name,
        target=asked.target.name,
        window=str(asked.window),
        summary=answer.summary,
        remedy=str(answer.evidence.get("remedy", "")),
        found=found,
        news=tuple(_wrong(f) for f in answer.findings if f.at_once and not (red and f in judged)),
        owner_slack=owner[0] if owner else "",
        owner=asked.target.owner,
        runbook=asked.target.runbook or "",
        log=links.task(p.task_id, p.map_index, dag_id=p.dag_id, run_id=p.run_id),
        asked_at=p.asked_at,
    )


def _wrong(finding: Finding) -> Wrong:
    return Wrong(finding.severity.label, finding.title, finding.remedy)


def _red(connection: "psycopg.Connection[Any]", asked: Asked) -> tuple[Wrong, ...]:
    from psycopg.rows import class_row

    sql: Any = (files("upkeep.notify") / "red_findings.sql").read_text(encoding="utf-8")
    params = {"duty": asked.duty.name, "target": asked.target.name, "end": asked.window.end}
    with connection.cursor(row_factory=class_row(Wrong)) as cursor:
        return tuple(cursor.execute(sql, params))
