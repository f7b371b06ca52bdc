"""What everybody who may log in may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.logins import MANAGED
from upkeep.sources.postgres import Postgres
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_READS = ("select", "references", "maintain", "usage", "execute")
NAMED = 20
_PARAMETERS_SINCE = 15
_EACH_ALONE = frozenset({"database", "foreign server", "parameter", "tablespace"})


@dataclass(frozen=True, slots=True)
class Given:
    """
    One thing on which PUBLIC has rights. `kind` is SQL's word for it, or "future tables" for default privileges.

    `reachable` is whether everybody may use its schema too.
    """

    kind: str
    schema: str
    name: str
    owner: str | None
    reachable: bool
    privileges: Sequence[str]

    @property
    def writes(self) -> bool:
        """Whether it may be changed, rather than read."""
        return any(not privilege.startswith(_READS) for privilege in self.privileges)

    @property
    def severity(self) -> Severity:
        """Changing is worse than reading; what is made later, or stands in a schema that not everybody may use, is less bad."""
        if self.schema == "pg_catalog":
            return Severity.HIGH
        if not self.reachable:
            return Severity.LOW
        later = self.kind.startswith("future") or self.kind in {"database", "function", "foreign server", "tablespace"}
        return Severity.HIGH if self.writes and not later else Severity.MEDIUM


@check(Cadence.WEEKLY, owner="security")
def public_rights(db: Database, pg: Postgres) -> Answer:
    """
    Rights on data that everybody has who may log in.

    A right of PUBLIC holds for every login there is and will be, and no membership shows it. Changing data is high, reading it
    medium; low where the schema is not open to all. What default privileges give on tables, sequences and schemas of the future
    is medium, as is room in a tablespace. Parameters that a superuser guards, system catalogs and functions that are guarded from
    the start are high. Left out is what PostgreSQL and extensions give by themselves, such as EXECUTE on functions;
    login_privileges looks at schemas in which everybody may create.
    """
    found = [given for given in [*pg.measure(__file__, Given), *_parameters(pg)] if given.owner not in MANAGED]
    groups = [list(group) for _, group in groupby(sorted(found, key=_group), key=_group)]
    return Answer.judged(
        f"everybody has rights on {plural(len(found), 'thing')} that nobody has by default",
        findings=[_finding(group) for group in groups],
        metrics=[Metric(name="public_rights", value=len(found), unit=Unit.COUNT)],
    )


def _parameters(pg: Postgres) -> list[Given]:
    return (
        pg.measure(str(Path(__file__).with_name("public_rights.parameters.py")), Given) if pg.version >= _PARAMETERS_SINCE else []
    )


def _group(given: Given) -> tuple[str, str, bool, str]:
    """What makes one finding: tables of a schema together, default privileges each for itself."""
    alone = given.name if given.kind.startswith("future") or given.kind in _EACH_ALONE else ""
    return given.kind, given.schema, given.writes, alone


def _finding(group: Sequence[Given]) -> Finding:
    first = group[0]
    privileges = sorted({privilege for given in group for privilege in given.privileges})
    return Finding(
        rule=("public_may_change_" if first.writes else "public_may_use_") + first.kind.replace(" ", "_"),
        object=_object(first),
        severity=max(given.severity for given in group),
        title=f"everybody who may log in has {', '.join(privileges[:NAMED])} on {_what(group)}",
        remedy=_remedy(group),
        value=len(group),
        limit=0,
        unit=Unit.COUNT,
        details={"objects": [given.name for given in group][:100], "privileges": privileges[:100]},
    )


def _object(given: Given) -> str:
    if given.kind in {"table", "sequence", "function"}:
        return given.schema
    return given.name if given.kind != "large object" else "large objects"


def _what(group: Sequence[Given]) -> str:
    first = group[0]
    if first.kind.startswith("future"):
        return f"{first.kind} by default ({first.name})"
    if len(group) == 1:
        return f"{first.kind} {first.name}"
    return f"{plural(len(group), first.kind)}{' of schema ' + first.schema if first.schema else ''}, such as {first.name}"


def _remedy(group: Sequence[Given]) -> str:
    first = group[0]
    if first.kind.startswith("future"):
        kind = first.kind.removeprefix("future ")
        return f"alter default privileges {first.name} revoke {', '.join(first.privileges)} on {kind} from public;"
    lines = [f"revoke {', '.join(g.privileges)} on {g.kind} {g.name} from public;" for g in group[:NAMED]]
    more = f"\n-- and {len(group) - NAMED} more" if len(group) > NAMED else ""
    return "\n".join(lines) + more
