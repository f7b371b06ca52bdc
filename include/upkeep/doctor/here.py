"""What is not a target: this machine's room, the report database, and Slack."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from upkeep.errors import BrokenError
from upkeep.humanize import plural
from upkeep.notify.wire import SlackEndpoint, client_of
from upkeep.sources.encryption import encryption_of
from upkeep.sources.postgres import Endpoint
from upkeep.sources.postgres_errors import translate_errors
from upkeep.store.migrate import pending, try_writing
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.encryption_diagnosis import encryption
from upkeep.targets.postgres_diagnosis import skew
from upkeep.targets.postgres_login import CONNECT_TIMEOUT_S, clock_skew

ROOM_LIMIT_BYTES = 2 * 10**9
FULL_LIMIT = 0.9
MIGRATE = "run `upkeep migrate`"


def room() -> Iterator[Diagnosis]:
    """Whether there is room where this process writes: Airflow's logs and the temporary folder."""
    home = Path(os.environ.get("AIRFLOW_HOME", "~/airflow")).expanduser()
    logs = Path(os.environ.get("AIRFLOW__LOGGING__BASE_LOG_FOLDER", str(home / "logs")))
    for about, folder in {"logs": logs, "temporary files": Path(tempfile.gettempdir())}.items():
        existing = next(place for place in (folder, *folder.parents) if place.exists())
        used = shutil.disk_usage(existing)
        yield judge_room(about, existing, used.total, used.free, writable=os.access(existing, os.W_OK))


def judge_room(about: str, folder: Path, total: int, free: int, *, writable: bool) -> Diagnosis:
    """The diagnosis on one folder; sizes in bytes."""
    used = 1 - free / total if total else 1.0
    message = f"{free / 1e9:.1f} GB free of {total / 1e9:.1f} GB at {folder} ({used:.0%} used)"
    if not writable:
        remedy = "give this process a folder that it may write to (AIRFLOW_HOME, TMPDIR)"
        return Diagnosis(
            subject="this machine", about=about, level=Level.NO, text=f"{folder} cannot be written to", remedy=remedy
        )
    if free < ROOM_LIMIT_BYTES or used > FULL_LIMIT:
        message += f"; at least {ROOM_LIMIT_BYTES / 1e9:.0f} GB and {1 - FULL_LIMIT:.0%} should be free"
        return Diagnosis(
            subject="this machine", about=about, level=Level.NO, text=message, remedy="make room, or move it elsewhere"
        )
    return Diagnosis(subject="this machine", about=about, level=Level.OK, text=message)


def report_database(store: Endpoint) -> Iterator[Diagnosis]:
    """Whether the report database is reached, migrated and writable. Raises BrokenError."""
    patient = replace(store, options={**store.options, "connect_timeout": str(CONNECT_TIMEOUT_S)})
    missing = pending(patient)
    with patient.connect("upkeep doctor", autocommit=False) as connection, translate_errors():
        connection.execute("set local statement_timeout = '6s'")
        ahead_s, within_s = clock_skew(lambda: _value(connection, "select extract(epoch from clock_timestamp())::float8"))
        where = f"{store.place}/{connection.info.dbname}"
        yield _store("reachable", Level.OK, f"{where} as {connection.info.user}")
        yield skew("report database", ahead_s, within_s, "connection upkeep_db")
        yield encryption("report database", encryption_of(connection), "connection upkeep_db")
        if _value(connection, "select rolsuper from pg_catalog.pg_roles where rolname = current_user"):
            message = f"{connection.info.user} is a superuser; owning the schema upkeep is enough"
            yield _store("privilege", Level.NOTE, message, "make a login for the reports alone: docs/run-for-real.md")
        if _value(connection, "select pg_is_in_recovery() or current_setting('transaction_read_only')::bool"):
            yield _store("writable", Level.NO, f"{where} is read-only", "point the connection upkeep_db at the primary")
        elif missing:
            yield _store("migrated", Level.NO, f"{plural(len(missing), 'migration')} pending: {', '.join(missing)}", MIGRATE)
        else:
            yield _store("migrated", Level.OK, "every migration is applied")
            yield _written(connection)


def _written(connection: Any) -> Diagnosis:
    """One row really written, then rolled back."""
    import psycopg

    try:
        try_writing(connection)
    except psycopg.Error as error:
        message = f"cannot be written: {str(error).splitlines()[0]}"
        return _store("writable", Level.NO, message, "run `upkeep migrate` as its owner, or grant this login what it needs")
    finally:
        connection.rollback()
    return _store("writable", Level.OK, "a row was written and rolled back")


def slack_answers(slack: SlackEndpoint, where: str) -> Diagnosis:
    """A bot token is asked who it is; a webhook cannot be asked without posting, so only its setting is looked at."""
    from slack_sdk.errors import SlackApiError

    if slack.kind == "webhook":
        level = Level.NOTE if slack.token else Level.NO
        return _slack(level, "a webhook cannot be tried without posting; the first run's message will show it", "", where)
    try:
        response = client_of(slack, CONNECT_TIMEOUT_S).auth_test()
    except SlackApiError as error:
        reason = f"Slack refuses the token: {error.response.get('error')}"
        return _slack(Level.NO, reason, "put a valid bot token (xoxb-…) into the connection", where)
    except OSError as error:
        return _slack(Level.NO, f"Slack does not answer: {error}", "open the way to slack.com, or correct base_url", where)
    if not slack.channel:
        return _slack(Level.NO, "the bot answers, but no channel is set", "set notify.channel to the channel's id", where)
    return _slack(
        Level.OK, f"the bot {response.get('user')} of {response.get('team')} answers; it posts to {slack.channel}", "", where
    )


def store_away(error: BrokenError) -> Diagnosis:
    """The diagnosis on a report database that was not reached: nothing can be stored."""
    return _store("reachable", Level.NO, str(error), error.remedy or "correct the connection upkeep_db")


def _store(about: str, level: Level, message: str, remedy: str = "") -> Diagnosis:
    return Diagnosis(
        subject="report database", about=about, level=level, text=message, remedy=remedy, where="connection upkeep_db",
        blind=("every duty",) if level is Level.NO else (),
    )  # fmt: skip


def _slack(level: Level, message: str, remedy: str, where: str) -> Diagnosis:
    return Diagnosis(subject="Slack", about="answers", level=level, text=message, remedy=remedy, where=where)


def _value(connection: Any, sql: str) -> Any:
    return connection.execute(sql).fetchone()[0]
