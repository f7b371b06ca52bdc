"""Whether the heartbeat of a database may be written: the exact grant where it may not."""

from collections.abc import Iterator
from dataclasses import replace

from upkeep.drills.heartbeat import APPLICATION, missing
from upkeep.errors import UpkeepError
from upkeep.sources.connections import Connections
from upkeep.sources.postgres_errors import translate_errors
from upkeep.targets.database import Database
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.postgres_login import CONNECT_TIMEOUT_S


def heartbeat(target: Database, connections: Connections, where: str) -> Iterator[Diagnosis]:
    """One line; none where no row is to be written. Changes nothing."""
    declared = target.heartbeat
    if declared is None or not declared.is_ours:
        return
    about = Diagnosis(subject=target.name, about="heartbeat", level=Level.OK, text="", where=where)
    try:
        endpoint = connections.postgres(declared.login or target.connection)
        endpoint = replace(endpoint, options={**endpoint.options, "connect_timeout": str(CONNECT_TIMEOUT_S)})
        with translate_errors(), endpoint.connect(APPLICATION) as connection:
            lacking, role = missing(connection, declared.schema_name), connection.info.user
            grant = lacking.as_string(connection) if lacking is not None else ""
    except UpkeepError as error:
        remedy = getattr(error, "remedy", "") or "correct heartbeat.login"
        yield replace(about, level=Level.NO, text=str(error), remedy=remedy, blind=("heartbeat",))
        return
    if not grant:
        yield replace(about, text=f"{role} may write its row in schema {declared.schema_name}")
        return
    message = f"{role} may not write its row in schema {declared.schema_name}"
    yield replace(
        about, level=Level.NO, text=message, remedy=grant, grants=(grant,), blind=("heartbeat",), server=endpoint.place,
        database=endpoint.database or "",
    )  # fmt: skip
