"""Which partitions are wholly old, and which of them may be detached and dropped instead of being deleted row by row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from upkeep.archive.period import of_local
from upkeep.archive.session import Session, standing
from upkeep.archive.subject import Subject
from upkeep.targets.archive import Archive

_CONCURRENTLY_SINCE = 14
_VALUE = r"(?:'(?:[^'\\]|'')*'|MINVALUE|MAXVALUE|NULL|true|false|-?[0-9][0-9.e+-]*)"
_VALUES = rf"\({_VALUE}(?:, {_VALUE})*\)"
_BOUND = re.compile(rf"FOR VALUES (?:FROM {_VALUES} TO {_VALUES}|IN {_VALUES}|WITH \(modulus \d+, remainder \d+\))")


@dataclass(frozen=True, slots=True)
class Node:
    """One partition, of whatever level; the fields are the columns of partitions.sql."""

    oid: int
    schema: str
    name: str
    parent_oid: int
    parent_schema: str
    parent_name: str
    is_leaf: bool
    bound: str
    may_alter: bool
    beside_default: bool
    is_subscribed: bool
    published_in: list[str]
    needed_by: list[str]

    @property
    def label(self) -> str:
        """For people."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Unit:
    """A partition that is wholly old, with those inside it; `subjects` are the ones that hold rows."""

    node: Node
    inside: tuple[Node, ...]
    subjects: tuple[Subject, ...]


@dataclass(slots=True)
class Partitions:
    """What is to be detached, and why other partitions that are wholly old are not, by their names."""

    units: list[Unit] = field(default_factory=list)
    by_rows: dict[str, str] = field(default_factory=dict)


def old_partitions(session: Session, plan: Archive, top: Subject, subjects: Sequence[Subject], cutoff: str) -> Partitions:
    """
    Sort a table's partitions by the server's own proof that no row from the cutoff on can be in them: it would not read them.

    Names and present rows prove nothing of what may come. The highest partition that may be detached is the unit.
    """
    found = Partitions()
    if top.facts.kind == "p" and plan.drop_partitions:
        nodes = session.rows("partitions", Node, {"oid": top.facts.oid})
        newer = _may_be_newer(session, plan, top, cutoff)
        _Sorting(session, nodes, newer, {each.label: each for each in subjects}, found).below(top.facts.oid)
    return found


def is_bound(text: str) -> bool:
    """Whether a text is a partition's bound as the server prints it, made of plain values alone."""
    return _BOUND.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class _Sorting:
    session: Session
    nodes: Sequence[Node]
    newer: set[str]
    subjects: Mapping[str, Subject]
    found: Partitions

    def below(self, parent: int) -> None:
        """Look at the partitions of a table, and at theirs where the whole may not go."""
        for node in (each for each in self.nodes if each.parent_oid == parent):
            inside = (node, *self._inside(node))
            leaves = [each for each in inside if each.is_leaf]
            is_old = bool(leaves) and not any(each.label in self.newer for each in leaves)
            unit = Unit(node, inside, tuple(self.subjects[each.label] for each in leaves if each.label in self.subjects))
            why = next(_obstacles(self.session, unit), None) if is_old else None
            if is_old and why is None:
                self.found.units.append(unit)
            elif node.is_leaf and why:
                self.found.by_rows[node.label] = why
            else:
                self.below(node.oid)

    def _inside(self, node: Node) -> Iterator[Node]:
        for each in self.nodes:
            if each.parent_oid == node.oid:
                yield each
                yield from self._inside(each)


def _obstacles(session: Session, unit: Unit) -> Iterator[str]:
    """Why a partition that is wholly old is deleted row by row."""
    if session.server.version < _CONCURRENTLY_SINCE:
        yield f"PostgreSQL {session.server.version} cannot detach it without a lock that stops everyone"
    if not all(node.may_alter for node in unit.inside):
        yield "the login owns neither it nor its parent, or only one of them"
    if unit.node.beside_default:
        yield "its parent has a default partition, beside which nothing is detached concurrently"
    if not is_bound(unit.node.bound):
        yield "its bound could not be given back to it"
    for node in unit.inside:
        yield from _used_by(node)
    for subject in unit.subjects:
        yield from _told_by_deletes(subject)


def _used_by(node: Node) -> Iterator[str]:
    if node.is_subscribed:
        yield "a subscription fills it"
    if node.published_in:
        yield f"publication {', '.join(node.published_in)} names it"
    if node.needed_by:
        yield f"{', '.join(node.needed_by)} needs it"


def _told_by_deletes(subject: Subject) -> Iterator[str]:
    """Who was declared to hear of each deleted row: a dropped table deletes none."""
    if subject.facts.publications:
        yield f"{', '.join(subject.facts.publications)} is to publish the deletes"
    if subject.facts.delete_triggers:
        yield f"{', '.join(subject.facts.delete_triggers)} is to fire for each row"


def _may_be_newer(session: Session, plan: Archive, top: Subject, cutoff: str) -> set[str]:
    """The partitions that the server would read for rows from the cutoff on."""
    from psycopg.sql import SQL, Identifier

    asked = SQL("explain (format json, verbose) select from {} as t where t.{} >= {}").format(
        Identifier(top.schema, top.name), Identifier(plan.column), of_local(top, plan, cutoff)
    )
    with standing(top.label):
        return set(_scanned(session.one(asked)[0]))


def _scanned(plan: Any) -> Iterator[str]:
    if isinstance(plan, list):
        for each in plan:
            yield from _scanned(each)
    elif isinstance(plan, dict):
        if "Relation Name" in plan:
            yield f"{plan['Schema']}.{plan['Relation Name']}"
        for each in plan.values():
            yield from _scanned(each)
