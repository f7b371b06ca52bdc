"""
A wholly old partition out of its table: closed against writing, looked at once more, detached concurrently and dropped.

All of its rows are in proven files under `pending/` before anything is done. Then, in this order: a constraint that no row can
fulfil keeps new versions out, and its comment, of the same transaction, notes what is going on; the partition is counted and must
hold exactly what was copied; it is detached; it is counted again under a lock, a record for each file is stored, and in that
transaction it is dropped. The constraint ends with the table, so that the next run knows from the server alone how far this came.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from upkeep.archive.deletion import Record
from upkeep.archive.frozen import CLOSED, Frozen, Note, under_way
from upkeep.archive.manifest import Manifest
from upkeep.archive.pace import Pace
from upkeep.archive.place import PENDING, Place
from upkeep.archive.session import Session, standing
from upkeep.errors import CannotAskError, LockedError, VanishedError
from upkeep.sources.postgres_errors import translate_errors

if TYPE_CHECKING:
    from psycopg.sql import Composable, Composed

DETACH_WAIT_S = 60
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Detaching:
    """The steps for one partition."""

    session: Session
    place: Place
    pace: Pace
    schema: str
    name: str
    note: Note

    def close(self) -> None:
        """Keep new versions out and note what is going on, in one transaction. Raises LockedError: then nothing was done."""
        from psycopg.sql import Literal

        self._patiently([
            self._sql("alter table {table} add constraint {closed} check (false) not valid"),
            self._sql("comment on constraint {closed} on {table} is {note}", note=Literal(self.note.to_json())),
        ])  # fmt: skip

    def finish(self) -> bool:
        """
        Go on from wherever it stands: True when it was dropped, False when it is a partition again as before.

        Killed anywhere, the next run calls this again. Raises LockedError when others use it for longer than is waited.
        """
        self._check_not_published()
        if not self._may_go_on():
            return self.undo()
        if self._now().is_attached and not self._detach():
            return self.undo()
        return self._drop() or self.undo()

    def undo(self) -> bool:
        """Make it a partition that takes rows again, and throw its files away; it has every row that was copied and is left."""
        from psycopg.sql import SQL

        self._finalize()
        steps = [self._sql("alter table {table} drop constraint {closed}")]
        if not self._now().is_attached:
            bound = SQL(self.note.bound)  # of plain values alone, or it would not have been read
            steps.insert(0, self._sql("alter table {parent} attach partition {table} {bound}", bound=bound))
        self._patiently(steps)
        for batch in self.note.batches:
            for name in sorted(self.place.pending().get(batch, {}), key=lambda name: name.endswith(".deleted")):
                self.place.store.delete(f"{PENDING}/{name}")
        return False

    def _may_go_on(self) -> bool:
        """Whether it is the same server, every file is there, and the rows are those that were copied."""
        same = (self.note.system, self.note.timeline) == (self.session.server.system, self.session.server.timeline)
        manifests = self._manifests() if same else []
        return same and sum(each.rows for each in manifests) == self.note.rows and self._is_as_copied()

    def _is_as_copied(self) -> bool:
        """No row is newer than the copy, and as many are there: nothing came, so that none is missing."""
        from psycopg.sql import SQL, Literal

        asked = self._sql(
            "select pg_catalog.count(*), pg_catalog.count(*) filter (where pg_catalog.age(t.xmin) <= pg_catalog.age({horizon})) "
            "from {table} as t",
            horizon=SQL("{}::pg_catalog.xid").format(Literal(str(self.note.horizon))),
        )
        with standing(self._label):
            return self.session.one(asked) == (self.note.rows, 0)

    def _detach(self) -> bool:
        """Whether it is out of its table; False when others keep it there."""
        if not self._now().is_pending:
            with suppress(LockedError), self._longer():
                self._run(self._sql("alter table {parent} detach partition {table} concurrently"))
        now = self._now()
        if now.is_attached and not now.is_pending:
            return False
        self._finalize()
        return True

    def _finalize(self) -> None:
        """End a detach that was interrupted, where there is one."""
        if self._now().is_pending:
            with self._longer():
                self._run(self._sql("alter table {parent} detach partition {table} finalize"))

    def _drop(self) -> bool:
        """Whether it was dropped, after records of it were stored; False when it is not as it was copied, or others need it."""
        from psycopg import errors

        try:
            with self._longer(), translate_errors(), self.session.connection.transaction():
                self._run(self._sql("lock table {table} in access exclusive mode"))
                if not self._is_as_copied():
                    return False
                self._store_records()
                self.session.connection.execute(self._sql("drop table {table}"))
        except errors.DependentObjectsStillExist:
            return False
        return True

    def _store_records(self) -> None:
        """Say of each file that this transaction takes its rows out. Raises DamagedError when one is gone."""
        transaction = str(self.session.one("select pg_catalog.pg_current_xact_id()::text")[0])
        manifests = self._manifests()
        self.place.check_pending(*manifests)
        for manifest in manifests:
            record = Record(0, manifest.rows, (), transaction, self.session.server.system, self.session.server.timeline)
            self.place.store.put(f"{PENDING}/{manifest.id}.{0:09}.deleted", record.to_json())

    def _manifests(self) -> list[Manifest]:
        """Those of its files that are there."""
        pending = self.place.pending()
        there = [batch for batch in self.note.batches if {f"{batch}.json", f"{batch}.parquet"} <= pending.get(batch, {}).keys()]
        return [Manifest.parse(self.place.store.get(f"{PENDING}/{batch}.json"), f"{PENDING}/{batch}.json") for batch in there]

    def _check_not_published(self) -> None:
        if any(self.place.published(batch) for batch in self.note.batches):
            raise CannotAskError(
                f"{self._label} is there although its rows were archived: the server was set back to an earlier state",
                "decide which is right: drop the table, or take its files out of the archive (docs/archive.md)",
            )

    def _now(self) -> Frozen:
        for each, _ in under_way(self.session, self.note.target, self.note.table):
            if (each.schema, each.name) == (self.schema, self.name):
                return each
        raise VanishedError(f"{self._label} was dropped or renamed, or its constraint {CLOSED} was taken away")

    @contextmanager
    def _longer(self) -> Iterator[None]:
        """Nobody but who names the partition itself waits behind this: so it waits longer than others may be made to."""
        wait = min(DETACH_WAIT_S, max(self.session.lock_timeout_s, self.pace.deadline.left_s))
        self._wait(wait)
        try:
            yield
        finally:
            if not self.session.connection.closed:
                self._wait(self.session.lock_timeout_s)

    def _wait(self, seconds: float) -> None:
        self.session.one("select pg_catalog.set_config('lock_timeout', %s, false)", [f"{seconds * 1000:.0f}ms"])

    def _patiently(self, statements: "Sequence[Composed]") -> None:
        """All in one transaction, tried again while others hold the table. Raises LockedError."""
        for left in reversed(range(_TRIES)):
            try:
                with translate_errors(), self.session.connection.transaction():
                    for statement in statements:
                        self._run(statement)
            except LockedError:
                if not left:
                    raise
            else:
                return

    def _run(self, statement: "Composed") -> None:
        with standing(self._label):
            self.session.connection.execute(statement)

    def _sql(self, text: str, **parts: "Composable") -> "Composed":
        from psycopg.sql import SQL, Identifier

        parent = Identifier(self.note.parent_schema, self.note.parent_name)
        return SQL(text).format(table=Identifier(self.schema, self.name), parent=parent, closed=Identifier(CLOSED), **parts)

    @property
    def _label(self) -> str:
        return f"{self.schema}.{self.name}"
