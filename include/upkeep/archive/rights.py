"""What the maintenance login must be permitted so that rows of a table may leave it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from upkeep.archive.session import Session
from upkeep.archive.subject import Facts, facts_of, leaf_names
from upkeep.errors import CannotAskError
from upkeep.targets.archive import Archive


@dataclass(frozen=True, slots=True)
class Lacking:
    """One thing that it may not do, and the statement that permits it."""

    message: str
    grant: str


def lacking(session: Session, plan: Archive) -> list[Lacking]:
    """Everything, for the table and each of its partitions. Raises CannotAskError when there is no such table."""
    top = facts_of(session, plan.schema_name, plan.table_name, plan.column)
    parts = [facts_of(session, *leaf, plan.column) for leaf in leaf_names(session, top)] if top.kind == "p" else []
    return list(dict.fromkeys(_lacking([top, *parts])))


def check_rights(session: Session, plan: Archive) -> None:
    """Raises CannotAskError that has all of them."""
    found = lacking(session, plan)
    if found:
        raise CannotAskError("; ".join(each.message for each in found), "\n".join(each.grant for each in found))


def _lacking(tables: Iterable[Facts]) -> Iterator[Lacking]:
    for facts in tables:
        if not facts.may_use:
            message = f"{facts.login} may not use schema {facts.quoted_schema}"
            yield Lacking(message, f"grant usage on schema {facts.quoted_schema} to {facts.login};")
        rights = [word for word, has in (("select", facts.may_select), ("delete", facts.may_delete)) if not has]
        if rights:
            message = f"{facts.login} may not {' and '.join(rights)} on {facts.quoted}"
            yield Lacking(message, f"grant {', '.join(rights)} on {facts.quoted} to {facts.login};")
