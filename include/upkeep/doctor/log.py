"""Whether a server's log can be read, as `slow_queries` does."""

from collections.abc import Callable
from dataclasses import replace

from upkeep.errors import CannotAskError
from upkeep.humanize import plural
from upkeep.sources.log_files import LIST, READ, on_this_machine
from upkeep.sources.postgres import Endpoint, Postgres, session
from upkeep.targets.database import Database, ServerLog
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.postgres_login import CONNECT_TIMEOUT_S

BLIND = ("slow_queries",)
_COLLECTS = "select pg_catalog.current_setting('logging_collector')::boolean"


def examined(target: Database, endpoint: Endpoint, line: Callable[[str], str]) -> Diagnosis:
    """The diagnosis. Raises BrokenError when the server does not answer."""
    log = target.log or ServerLog()
    patient = replace(endpoint, options={**endpoint.options, "connect_timeout": str(CONNECT_TIMEOUT_S)})
    where = line("log") if target.log else line("connection")
    usual = Diagnosis(subject=target.name, about="server log", level=Level.NO, text="", blind=BLIND, where=where)
    if log.read == "file":
        return _on_this_machine(log, usual)
    with session(patient, "upkeep doctor", statement_timeout_s=6) as pg:
        found = _through_server(pg, usual)
        return replace(found, server=endpoint.place, database=pg.database)


def _on_this_machine(log: ServerLog, usual: Diagnosis) -> Diagnosis:
    if not log.path:
        return replace(usual, text="log.read is file, but no path is given", remedy="give log.path of this target")
    try:
        files = on_this_machine(log.path)
        next(files[0].chunks(), b"")
    except CannotAskError as error:
        return replace(usual, text=str(error), remedy=error.remedy)
    return replace(usual, level=Level.OK, blind=(), text=f"{plural(len(files), 'file')} read here at {log.path}")


def _through_server(pg: Postgres, usual: Diagnosis) -> Diagnosis:
    if not pg.value(_COLLECTS):
        message = "the server does not keep its log itself (logging_collector is off)"
        return replace(
            usual, text=message, remedy="give the log's path (log.read: file), or set logging_collector = on and restart"
        )
    grants = tuple(pg.grant_for(right) for right in pg.missing((LIST, READ)))
    if grants:
        message = "the log cannot be read through the server"
        return replace(usual, text=message, remedy=" ".join(grants), grants=grants)
    return replace(usual, level=Level.OK, blind=(), text="it is read through the server")
