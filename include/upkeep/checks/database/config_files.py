"""Configuration files with errors in them."""

from dataclasses import dataclass
from itertools import groupby

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR, function
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_SETTINGS = function("pg_show_all_file_settings()", "errors in postgresql.conf and the files it includes")
_RULES = function("pg_hba_file_rules()", "errors in pg_hba.conf")
_MAPS = function("pg_ident_file_mappings()", "errors in pg_ident.conf")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong line; `setting` is empty where it is none of a setting."""

    file: str
    line: int | None
    setting: str
    error: str


@check(Cadence.DAILY, owner="database", needs=(MONITOR, _SETTINGS, _RULES, _MAPS))
def config_files(db: Database, pg: Postgres) -> Answer:
    """
    Errors in postgresql.conf, pg_hba.conf and pg_ident.conf.

    A running server ignores a file with an error and goes on with what it has; the next start refuses, or has no map of user
    names, at the worst moment. So any error is high. Maps are seen from version 15 on. Managed services show only what they
    allow; there the answer is unknown.
    """
    found = pg.measure(__file__, Mistake)
    files = [_finding(file, list(mistakes)) for file, mistakes in groupby(found, key=lambda m: m.file)]
    return Answer.judged(
        f"{plural(len(found), 'error')} in configuration files",
        findings=files,
        metrics=[Metric(name="config_errors", value=len(found), unit=Unit.COUNT)],
    )


def _finding(file: str, mistakes: list[Mistake]) -> Finding:
    first = mistakes[0]
    more = f", and {len(mistakes) - 1} more" if len(mistakes) > 1 else ""
    where = f"line {first.line}" + (f" ({first.setting})" if first.setting else "")
    return Finding(
        rule="config_file_error",
        object=file or "configuration",
        severity=Severity.HIGH,
        title=f"{file}: {where}: {first.error}{more}; the next start of the server may fail",
        remedy="correct the file, then select pg_reload_conf(); and ask again",
        value=len(mistakes),
        limit=0,
        unit=Unit.COUNT,
        details={"lines": [m.line for m in mistakes], "errors": [m.error for m in mistakes]},
    )
