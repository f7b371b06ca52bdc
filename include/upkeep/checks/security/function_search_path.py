"""Functions that run with other rights and look names up where the caller says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.logins import MANAGED
from upkeep.sources.postgres import Postgres
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_NAME = re.compile(r'"((?:[^"]|"")*)"|([^",\s]+)')


@dataclass(frozen=True, slots=True)
class Definer:
    """
    One function that runs with its owner's rights.

    `callers` are logins that may call it and do not have these rights themselves; `open_schemas` are those of the database in
    which everybody may create.
    """

    name: str
    schema: str
    owner: str
    owner_is_superuser: bool
    is_trigger: bool
    search_path: str | None
    for_others: bool
    callers: Sequence[str]
    open_schemas: Sequence[str]

    @property
    def doors(self) -> list[str]:
        """Schemas of its search_path in which a caller could put objects of the same name; none where it has no search_path."""
        path = _names(self.search_path or "")
        early = [name for name in path[:-1] if name == "pg_temp"]
        return [*early, *(name for name in path if name == "$user" or name in self.open_schemas)]


@check(Cadence.WEEKLY, owner="security")
def function_search_path(db: Database, pg: Postgres) -> Answer:
    """
    Security definer functions whose names the caller can redirect.

    Such a function works with its owner's rights. Without a search_path of its own it looks tables, functions and operators up
    where the caller says, so a caller can put its own in their place and have them run as the owner: high when the owner is a
    superuser and some login gains by it, medium otherwise, low while no login does. A search_path that leads through a schema in
    which everybody may create, or through pg_temp first, is no better. Functions that only their owner may call are not judged.
    """
    every = [d for d in pg.measure(__file__, Definer) if d.owner not in MANAGED]
    found = [d for d in every if (d.for_others or d.is_trigger) and (d.search_path is None or d.doors)]
    return Answer.judged(
        f"{len(found)} of {plural(len(every), 'security definer function')} look names up where the caller says",
        findings=[_finding(d) for d in found],
        metrics=[Metric(name="open_definer_functions", value=len(found), unit=Unit.COUNT, denominator=len(every))],
    )


def _names(path: str) -> list[str]:
    """The schemas of a search_path as the server stores it."""
    return [m[1].replace('""', '"') if m[2] is None else m[2] for m in _NAME.finditer(path)]


def _finding(d: Definer) -> Finding:
    without = d.search_path is None
    how = "has no search_path of its own" if without else f"looks names up in {' and '.join(d.doors)}, where everybody may create"
    gain = f"{plural(len(d.callers), 'login')} may call it, such as {d.callers[0]}" if d.callers else "no login gains by it now"
    return Finding(
        rule="definer_without_search_path" if without else "definer_with_open_search_path",
        object=d.name,
        severity=_severity(d),
        title=f"{d.name} runs as {d.owner}{' (superuser)' if d.owner_is_superuser else ''} and {how}; {gain}",
        remedy=f"alter routine {d.name} set search_path = pg_catalog, {d.schema}, pg_temp;"
        " -- and the schemas whose objects its body names without a schema, but none in which everybody may create",
        details={"owner": d.owner, "search_path": d.search_path, "callers": list(d.callers)[:20]},
    )


def _severity(d: Definer) -> Severity:
    if not d.callers and not d.is_trigger:
        return Severity.LOW
    return Severity.HIGH if d.owner_is_superuser else Severity.MEDIUM
