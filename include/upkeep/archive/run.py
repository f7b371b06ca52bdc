"""
The old rows of one table into its archive: batch after batch is copied, proven, deleted and published.

A row is at every moment in the table or in a proven file. It is in `rows/` only after the transaction that deleted it was
committed, so that who reads `rows/` and then the table never finds it in both; between the two it is in `pending/`, where the
record of its delete stands. Killed anywhere, the next run settles what is in `pending/` before it does anything else.
"""

import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from upkeep.archive import period as periods
from upkeep.archive.batch import Batch, one_ahead
from upkeep.archive.copying import After, batch_rows, copy_rows, new_id
from upkeep.archive.deletion import ROWS_AT_ONCE, Deletion, next_size
from upkeep.archive.manifest import DamagedError, Manifest
from upkeep.archive.outcome import Outcome
from upkeep.archive.pace import Pace
from upkeep.archive.partitions import Partitions, Unit, old_partitions
from upkeep.archive.period import Period
from upkeep.archive.place import Place, part_of
from upkeep.archive.proving import store_proven
from upkeep.archive.recorded import Recorded
from upkeep.archive.rights import check_rights
from upkeep.archive.session import Session
from upkeep.archive.settling import Settling
from upkeep.archive.subject import Subject, leaf_names, look
from upkeep.archive.versions import Versions
from upkeep.archive.whole import Whole
from upkeep.duty import Progress
from upkeep.errors import BrokenError, CannotAskError, LockedError, VanishedError
from upkeep.targets.archive import Archive
from upkeep.window import Window

DAMAGED_REMEDY = 'see docs/archive.md, "When something is damaged"; nothing more of this table is archived until then'


@dataclass(frozen=True)
class Run:
    """
    One table's run. `now` is when the job's question was put; `still_ours` raises when the claim was lost.

    `recorded` are the files that earlier runs reported.
    """

    session: Session
    plan: Archive
    target: str
    place: Place
    window: Window
    now: datetime
    pace: Pace
    progress: Progress
    still_ours: Callable[[], None]
    recorded: Sequence[Recorded] = ()
    done: Outcome = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "done", Outcome(self.plan.table, self.place.store.url))

    def run(self, *, dry_run: bool) -> Outcome:
        """Archive what is old, or only say what would be. What goes wrong with this table alone is in the outcome."""
        begun = time.monotonic()
        try:
            self._run(dry_run=dry_run)
        except CannotAskError as error:
            self.done.refused, self.done.remedy = error.reason, error.remedy
        except (LockedError, VanishedError) as error:
            self.done.stopped, self.done.remedy = error.reason, error.remedy
        except DamagedError as error:
            self.done.damaged, self.done.remedy = str(error), DAMAGED_REMEDY
        self.done.seconds = time.monotonic() - begun
        return self.done

    def _run(self, *, dry_run: bool) -> None:
        with _local_folder() as folder:
            settling = Settling(self.session, self.place, folder)
            if not dry_run:
                self._whole(settling).go_on()
                self.done.published += settling.all_left()
            self.done.held = self.plan.legal_hold is not None
            subjects = self._subjects()
            self.done.cutoff = periods.cutoff(self.session, self.plan, self.now)
            for subject in subjects:
                self._count(subject)
            self._check_form(subjects)
            parts = self._partitions(subjects)
            self.done.by_rows.update(parts.by_rows)
            if dry_run:
                self.done.detached += [unit.node.label for unit in parts.units]
                return
            self.place.check_whole(self.recorded)
            self._archive(self._left_by(parts.units, subjects, settling), settling)

    def _partitions(self, subjects: list[Subject]) -> Partitions:
        """Those that may go as a whole, of them that hold rows."""
        top = look(self.session, self.plan.schema_name, self.plan.table_name, self.plan)
        return old_partitions(self.session, self.plan, top, subjects, self.done.cutoff)

    def _left_by(self, units: list[Unit], subjects: list[Subject], settling: Settling) -> list[Subject]:
        """Archive partitions as a whole, each published before the next; what holds rows yet and goes row by row."""
        gone: set[str] = set()
        for unit in units:
            if self._whole(settling).archive(unit):
                gone |= {each.label for each in unit.subjects}
            self.done.published += settling.all_left()
        return [each for each in subjects if each.label not in gone]

    def _whole(self, settling: Settling) -> Whole:
        return Whole(self.session, self.plan, self.target, self.place, self.pace, self.done, self.progress, self.still_ours,
            lambda subjects: self._copies(subjects, settling.folder))  # fmt: skip

    def _copies(self, subjects: Sequence[Subject], folder: Path) -> Iterator[Batch]:
        with (
            ThreadPoolExecutor(1, "archive proof") as prover,
            self.session.another() as copying,
            closing(self._batches(copying, subjects, folder, prover)) as made,
        ):
            yield from one_ahead(made)

    def _subjects(self) -> list[Subject]:
        """The table, or each of its partitions. Raises CannotAskError for the first that may not be archived."""
        check_rights(self.session, self.plan)
        top = look(self.session, self.plan.schema_name, self.plan.table_name, self.plan)
        if top.facts.kind == "r":
            return [top]
        return [look(self.session, *leaf, self.plan) for leaf in leaf_names(self.session, top.facts)]

    def _count(self, subject: Subject) -> None:
        self.done.old += periods.old_rows(self.session, subject, self.plan, self.done.cutoff)
        undated = periods.undated(self.session, subject, self.plan)
        self.done.missing += undated.missing
        self.done.infinite += undated.infinite

    def _check_form(self, subjects: list[Subject]) -> None:
        """Columns may come and go; one that is kept in another form than before would not read as one table."""
        before = self.place.newest()
        stored = {c.name: c.arrow for c in before.columns} if before else {}
        for column in (c for subject in subjects for c in subject.columns):
            if stored.get(column.name, column.arrow) != column.arrow:
                raise CannotAskError(
                    f"{self.plan.table}.{column.name} is kept as {stored[column.name]} in the archive and would now be "
                    f"{column.arrow}: files of both kinds do not read as one table",
                    "give the table another `to:`; what is archived stays where it is",
                )

    def _archive(self, subjects: list[Subject], settling: Settling) -> None:
        """Batch after batch. While one is deleted the next is copied and proven, by other threads and another session."""
        for batch in self._copies(subjects, settling.folder):
            self._finish(batch, settling)

    def _batches(
        self, copying: Session, subjects: Sequence[Subject], folder: Path, prover: ThreadPoolExecutor
    ) -> Generator[Batch, None, None]:
        for subject in subjects:
            period = periods.oldest(copying, subject, self.plan, None, self.done.cutoff)
            while period is not None:
                yield from self._of_period(copying, subject, period, folder, prover)
                period = periods.oldest(copying, subject, self.plan, period.end, self.done.cutoff)

    def _of_period(
        self, copying: Session, subject: Subject, period: Period, folder: Path, prover: ThreadPoolExecutor
    ) -> Iterator[Batch]:
        after: After | None = None
        while not self.done.stopped:
            self.still_ours()
            manifest = self._manifest(subject, period)
            copied = copy_rows(copying, subject, self.plan, period, after, folder / f"{manifest.id}.parquet")
            if not copied.versions:
                return
            yield Batch(subject, copied, prover.submit(store_proven, self.place, manifest, copied))
            if len(copied.versions) < batch_rows(subject):
                return
            after = copied.end

    def _finish(self, batch: Batch, settling: Settling) -> None:
        """Delete what is proven, and publish exactly that."""
        manifest = batch.proof.result()
        self.progress("archive", f"{batch.subject.label}, {manifest.part}: {self.done.rows:,} of {self.done.old:,} rows")
        self.done.changed += self._delete(Deletion(self.session, batch.subject, self.place, manifest), batch.copied.versions)
        published = settling.settle(manifest.id, batch.copied.path)
        self.done.published += [published] if published else []
        batch.copied.path.unlink()

    def _delete(self, deletion: Deletion, versions: Versions) -> int:
        """How many rows stayed. What stops it half way is noted; what was deleted until then is settled as any other."""
        first, left, rows = 0, 0, ROWS_AT_ONCE
        while first < len(versions) and not self._must_stop():
            part, begun = versions.part(first, rows), time.monotonic()
            try:
                left += len(deletion.chunk(part, first).left)
            except (LockedError, VanishedError) as error:
                self.done.stopped, self.done.remedy = error.reason, error.remedy
            first, rows = first + len(part), next_size(rows, time.monotonic() - begun)
        return left

    def _must_stop(self) -> bool:
        if not self.done.stopped:
            self.done.stopped = self.pace.give_way(self.session) or ""
            self.still_ours()
        return bool(self.done.stopped)

    def _manifest(self, subject: Subject, period: Period) -> Manifest:
        return Manifest(
            id=new_id(), target=self.target, table=self.plan.table, relation=subject.label, column=self.plan.column,
            part=part_of(self.plan, subject.columns, period.value), columns=subject.columns, key=tuple(subject.facts.key), rows=0,
            digest="", bytes=0, sha256="", oldest=period.first, newest=period.end, copied_at=datetime.now(UTC),
            window_start=self.window.start, window_end=self.window.end, server_version=self.session.server.version,
        )  # fmt: skip


@contextmanager
def _local_folder() -> Iterator[Path]:
    """Room on this disk for one batch. What a killed process left there is the system's to sweep."""
    try:
        with tempfile.TemporaryDirectory(prefix="upkeep-archive-") as folder:
            yield Path(folder)
    except OSError as error:
        if isinstance(error, BrokenError):
            raise
        raise BrokenError(f"no room for a batch in {tempfile.gettempdir()}: {error}", "set TMPDIR", retry=True) from error
