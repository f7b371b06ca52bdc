"""One table, or partition, as it stands now, and why its rows may not be archived."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from upkeep.archive.columns import Column, Found, mapped
from upkeep.archive.session import Session
from upkeep.errors import CannotAskError
from upkeep.humanize import size
from upkeep.targets.archive import Archive

DATED = ("date", "timestamp without time zone", "timestamp with time zone")
MOST_WITHOUT_INDEX = 10**9


@dataclass(frozen=True, slots=True)
class Facts:
    """What table.sql says of one table; the fields are its columns."""

    oid: int
    kind: str
    is_partition: bool
    identity: str
    file_node: int
    rows_estimated: float
    bytes: int
    may_select: bool
    may_delete: bool
    may_use: bool
    may_alter: bool
    login: str
    quoted_schema: str
    quoted: str
    quoted_column: str
    column_type: str | None
    is_indexed: bool
    referenced_by: list[str] = field(default_factory=list)
    delete_triggers: list[str] = field(default_factory=list)
    delete_rules: list[str] = field(default_factory=list)
    publications: list[str] = field(default_factory=list)
    children: list[str] = field(default_factory=list)
    detaching: list[str] = field(default_factory=list)
    key: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Subject:
    """A table or one partition of it: where it is, what it is, and how its columns are kept."""

    schema: str
    name: str
    facts: Facts
    columns: tuple[Column, ...]

    @property
    def label(self) -> str:
        """For people and for manifests."""
        return f"{self.schema}.{self.name}"

    @property
    def column_type(self) -> str:
        """The type of the dated column."""
        return self.facts.column_type or ""


def facts_of(session: Session, schema: str, name: str, column: str) -> Facts:
    """What the catalog says of a table. Raises CannotAskError when there is none."""
    found = session.rows("table", Facts, {"schema": schema, "name": name, "column": column})
    if not found:
        raise CannotAskError(f"there is no table {schema}.{name}", "correct `table`, or take the entry out")
    return found[0]


def look(session: Session, schema: str, name: str, plan: Archive) -> Subject:
    """
    The table as it is now.

    Raises CannotAskError, with the reason and what to do, when its rows may not be archived.
    """
    facts = facts_of(session, schema, name, plan.column)
    for reason, remedy in _reasons(facts, f"{schema}.{name}", plan):
        raise CannotAskError(reason, remedy)
    columns = mapped(session.rows("columns", Found, {"oid": facts.oid}), plan.as_text)
    return Subject(schema, name, facts, columns)


def _reasons(facts: Facts, label: str, plan: Archive) -> Iterator[tuple[str, str]]:
    """Why not, the first first."""
    if plan.legal_hold:
        yield f"{label} is under legal hold: {plan.legal_hold}", "nothing, until `legal_hold` is taken out of the inventory"
    if facts.kind not in {"r", "p"}:
        yield f"{label} is no table", "name the table that holds the rows"
    if facts.column_type is None:
        yield f"{label} has no column {plan.column}", "correct `column`"
    elif facts.column_type not in DATED:
        yield f"{label}.{plan.column} is {facts.column_type}, which dates no row", f"name a column of type {', '.join(DATED)}"
    yield from _set_off(facts, label, plan)
    if facts.bytes > MOST_WITHOUT_INDEX and not facts.is_indexed and facts.kind == "r":
        yield (
            f"{label} has {size(facts.bytes)} and no index that begins with {plan.column}: each batch would read all of it",
            f"create index concurrently on {facts.quoted} ({facts.quoted_column});",
        )


def _set_off(facts: Facts, label: str, plan: Archive) -> Iterator[tuple[str, str]]:
    """What a delete would do beside deleting."""
    if facts.referenced_by:
        yield (
            f"foreign keys lead to {label}: {', '.join(facts.referenced_by)}; a delete would fail, or take or change those rows",
            "archive the referencing table first and drop the foreign key, or leave this table alone",
        )
    if facts.children:
        yield f"{label} has tables that inherit from it: {', '.join(facts.children)}", "name each of them by itself"
    if facts.detaching:
        yield (
            f"a detach of {', '.join(facts.detaching)} from {label} was interrupted: queries do not see its rows any more",
            f"alter table {facts.quoted} detach partition {facts.detaching[0]} finalize;",
        )
    firing = [name for name in facts.delete_triggers if name not in plan.delete_triggers]
    if firing:
        yield (
            f"triggers of {label} fire on delete: {', '.join(firing)}",
            f"when that is right for archived rows: delete_triggers: [{', '.join(firing)}]",
        )
    if facts.delete_rules:
        rules = ", ".join(facts.delete_rules)
        yield f"rules of {label} rewrite a delete: {rules}", "drop the rule, or leave this table alone"
    if facts.publications and not plan.replicated_deletes:
        first = facts.publications[0]
        yield (
            f"{', '.join(facts.publications)} publishes deletes of {label}: a copy that is to keep history would lose it",
            f"alter publication {first} set (publish = 'insert, update'); or, when copies may follow: replicated_deletes: true",
        )


@dataclass(frozen=True, slots=True)
class _Leaf:
    schema: str
    name: str


def leaf_names(session: Session, top: Facts) -> list[tuple[str, str]]:
    """Schema and name of each partition that holds rows."""
    return [(leaf.schema, leaf.name) for leaf in session.rows("leaves", _Leaf, {"oid": top.oid})]
