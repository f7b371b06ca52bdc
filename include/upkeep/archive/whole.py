"""Partitions of a table that go as a whole: all of their rows are copied and proven, then the partition is dropped."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from upkeep.archive.batch import Batch
from upkeep.archive.detaching import Detaching
from upkeep.archive.frozen import Note, under_way
from upkeep.archive.outcome import Outcome
from upkeep.archive.pace import Pace
from upkeep.archive.partitions import Unit
from upkeep.archive.place import Place
from upkeep.archive.session import Session
from upkeep.archive.subject import Subject
from upkeep.duty import Progress
from upkeep.errors import LockedError
from upkeep.humanize import plural
from upkeep.targets.archive import Archive

if TYPE_CHECKING:
    from psycopg.sql import Composed

IN_USE_S, SETTLE_S = 5.0, 30


@dataclass(frozen=True, slots=True)
class _User:
    pid: int


@dataclass(slots=True)
class _Copied:
    batches: list[str] = field(default_factory=list)
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Whole:
    """
    One table's. `copied` gives the batches of subjects, one after the other; `still_ours` raises when the claim was lost.

    What is not dropped, and why, is noted in `done.by_rows`; its rows then go as those of any table.
    """

    session: Session
    plan: Archive
    target: str
    place: Place
    pace: Pace
    done: Outcome
    progress: Progress
    still_ours: Callable[[], None]
    copied: Callable[[Sequence[Subject]], Iterator[Batch]]

    def go_on(self) -> None:
        """Finish what an earlier run left half way; under a legal hold, or with another place, undo it. Raises LockedError."""
        for frozen, note in under_way(self.session, self.target, self.plan.table):
            self.progress("archive", f"{frozen.label}: going on where an earlier run stopped")
            steps = Detaching(self.session, self.place, self.pace, frozen.schema, frozen.name, note)
            if self.plan.legal_hold or note.place != self.place.store.url:
                steps.undo()
            elif steps.finish():
                self.done.detached.append(frozen.label)

    def archive(self, unit: Unit) -> bool:
        """Whether it is archived and dropped. Safe to kill anywhere: `go_on` of the next run finds how far it came."""
        horizon = self._horizon(unit)
        if horizon is None:
            return False
        copied = self._copy(unit)
        if self.done.stopped or not copied.batches:
            return False
        if users := self._users(unit):
            return self._not(unit, f"a transaction of {', '.join(users)} has used it for more than {IN_USE_S:g} s")
        self.still_ours()
        return self._take_out(unit, copied, horizon)

    def _take_out(self, unit: Unit, copied: _Copied, horizon: int) -> bool:
        node = unit.node
        note = Note(
            target=self.target, table=self.plan.table, place=self.place.store.url, parent_schema=node.parent_schema,
            parent_name=node.parent_name, bound=node.bound, batches=tuple(copied.batches), rows=copied.rows, horizon=horizon,
            system=self.session.server.system, timeline=self.session.server.timeline,
        )  # fmt: skip
        self.progress("archive", f"{node.label}: {copied.rows:,} rows are proven, it is detached and dropped")
        steps = Detaching(self.session, self.place, self.pace, node.schema, node.name, note)
        try:
            steps.close()
        except LockedError:
            return self._not(unit, "others hold it locked")
        if not steps.finish():
            return self._not(unit, "rows of it were written, changed or deleted meanwhile, or others need it or keep it in use")
        self.done.detached.append(node.label)
        return True

    def _copy(self, unit: Unit) -> _Copied:
        """Copy and prove every row; the files are in `pending/` then, and none of them on this disk."""
        copied = _Copied()
        for batch in self.copied(unit.subjects):
            manifest = batch.proof.result()
            batch.copied.path.unlink()
            copied.batches.append(manifest.id)
            copied.rows += manifest.rows
            self.progress("archive", f"{batch.subject.label}, {manifest.part}: {copied.rows:,} rows are copied and proven")
            self.done.stopped = self.done.stopped or self.pace.give_way(self.session) or ""
        return copied

    def _horizon(self, unit: Unit) -> int | None:
        """A transaction before which all had ended that wrote what is there; None when it is empty, or may not go."""
        waited = 0
        while True:
            horizon, rows, undated, unsettled = self.session.one(_look(unit, self.plan))
            if not rows:
                return None
            if undated:
                self._not(unit, f"{plural(undated, 'row')} without a date, or dated infinity, stay in it")
                return None
            if not unsettled:
                return int(horizon)
            if waited >= SETTLE_S or not self.pace.deadline.allows(1):
                self._not(unit, "rows of it were written after the oldest open transaction began")
                return None
            self.pace.sleep(1)
            waited += 1

    def _users(self, unit: Unit) -> list[str]:
        oids = [unit.node.parent_oid, *(node.oid for node in unit.inside)]
        users = self.session.rows("in_use", _User, {"oids": oids, "seconds": IN_USE_S})
        return [f"process {user.pid}" if user.pid else "nobody (it is prepared)" for user in users]

    def _not(self, unit: Unit, why: str) -> bool:
        self.done.by_rows[unit.node.label] = why
        return False


def _look(unit: Unit, plan: Archive) -> "Composed":
    """The horizon, and how many rows are there, have no date, and were written by what may be open yet."""
    from psycopg.sql import SQL, Identifier

    return SQL(
        "with now as materialized (select pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())::text::int8 "
        "% (2 ^ 32)::int8 as horizon) "
        "select now.horizon, pg_catalog.count(t.xmin), "
        "pg_catalog.count(*) filter (where t.xmin is not null and (t.{column} is null or not pg_catalog.isfinite(t.{column}))), "
        "pg_catalog.count(*) filter (where pg_catalog.age(t.xmin) <= pg_catalog.age(now.horizon::text::xid)) "
        "from now left join {table} as t on true group by now.horizon"
    ).format(column=Identifier(plan.column), table=Identifier(unit.node.schema, unit.node.name))
