"""An export in a folder or bucket, brought into the ledger: only what changed is read, and all of each day that it touches."""

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from upkeep.duty import Progress
from upkeep.errors import BrokenError
from upkeep.humanize import plural, size
from upkeep.ledger import deliveries
from upkeep.ledger.csv_columns import CsvForm
from upkeep.ledger.deliveries import Chosen, Listed
from upkeep.ledger.entry import FORM, Days, Imported, Ledger, Merged, Part, joined
from upkeep.ledger.export_files import ExportFile, Form, examined, fetched
from upkeep.ledger.focus_columns import FocusForm
from upkeep.ledger.manifests import by_manifests
from upkeep.ledger.summing import Counted, write_entries
from upkeep.sources.duck import duckdb_session
from upkeep.sources.objects import ObjectStore
from upkeep.targets.account import Account

_MB = 1 << 20


@dataclass
class Export:
    """One import. `memory_mb` bounds DuckDB; files of a bucket and what does not fit lie in a folder that ends with it."""

    account: Account
    store: ObjectStore
    ledger: Ledger
    progress: Progress
    memory_mb: int
    folder: Path
    session: Any

    def __post_init__(self) -> None:
        self._examined: dict[str, ExportFile] = {}
        self._known = self.ledger.parts()
        self._reading, self._form = reading_of(self.account), form_of(self.account)

    def run(self, *, dry_run: bool) -> tuple[str, Merged | None]:
        """Bring the ledger up to the export; what was done in words, and what came of it, None when there was nothing to do."""
        chosen = self._chosen()
        touched, changed, gone = self._touched(chosen)
        if not changed and not gone:
            return f"{plural(len(chosen), 'file')}, none of which changed", None
        what = f"{plural(len(changed), 'new or changed file')} ({size(sum(each.file.size for each in changed))})"
        what += f", {len(gone)} gone" if gone else ""
        if dry_run:
            days = ", ".join(map(str, touched)) or "no days"
            return f"would read {what} for {days}; dry run, nothing was written", None
        return what, self._merge(chosen, touched, gone, what)

    def _merge(self, chosen: Sequence[Chosen], touched: tuple[Days, ...], gone: Sequence[str], what: str) -> Merged:
        needed = [each for each in chosen if (span := self._days(each.file)) and any(span.overlaps(days) for days in touched)]
        self.progress("read", f"{plural(len(needed), 'file')} for {', '.join(map(str, touched)) or 'no days'}")
        entries = self.folder / "entries.csv"
        counted = [Counted(self._open(each.file), each.counts_for) for each in needed]
        rows = write_entries(self.session, counted, touched, self._form, entries)
        self._refuse_nothing(rows, touched)
        self.progress("merge", f"{rows:,} rows of the source")
        parts = tuple(self._part(each) for each in chosen if not self._is_known(each))
        imported = Imported(what=what, file=entries, days=touched, source_rows=rows, parts=parts, gone=tuple(gone))
        return self.ledger.merge(imported, self.account.closes_after_days)

    def _chosen(self) -> list[Chosen]:
        found = deliveries.listed(self.store)
        files, manifests = deliveries.data_files(found), deliveries.manifests(found)
        mode = self.account.deliveries
        if mode == "manifest" or (mode == "auto" and manifests):
            chosen = by_manifests(self.store, manifests, files)
        elif mode == "snapshots":
            days = {each.name: span for each in files if (span := self._days(each))}
            chosen = deliveries.snapshots(files, days)
        else:
            chosen = deliveries.limited(files, None)
        if not chosen:
            seen = f"{plural(len(found), 'file')}, none of which counts"
            reason = f"there is no export for {self.account.name} in {self.store.url}: {seen}"
            raise BrokenError(reason, "correct the place, or wait for the first delivery", retry=False)
        return chosen

    def _touched(self, chosen: Sequence[Chosen]) -> tuple[tuple[Days, ...], list[Chosen], list[str]]:
        """Days to look at anew, files that are new or changed, and files that are gone."""
        changed = [each for each in chosen if not self._is_known(each)]
        gone = [name for name in self._known if name not in {each.file.name for each in chosen}]
        spans = [span for each in changed if (span := self._days(each.file))]
        spans += [part.days for each in changed if (part := self._known.get(each.file.name)) and part.days]
        here = [span for each in chosen if (span := self._days(each.file))]
        # A month whose files have all been cleared away was not taken back by the provider.
        spans += [days for name in gone if (days := self._known[name].days) and any(days.overlaps(span) for span in here)]
        return joined(spans), changed, gone

    def _is_known(self, each: Chosen) -> bool:
        part = self._known.get(each.file.name)
        return part is not None and (part.stamp, part.reading, part.counts_for) == (
            each.file.stamp,
            self._reading,
            each.counts_for,
        )

    def _days(self, file: Listed) -> Days | None:
        part = self._known.get(file.name)
        if part and (part.stamp, part.reading) == (file.stamp, self._reading):
            return part.days
        return self._open(file).days

    def _open(self, file: Listed) -> ExportFile:
        if file.name not in self._examined:
            self.progress("look", f"{file.name} ({size(file.size)})")
            path = fetched(self.store, file.name, self.folder, len(self._examined))
            found = examined(self.session, file.name, path, self._form)
            self._refuse_emptied(found)
            self._examined[file.name] = found
        return self._examined[file.name]

    def _part(self, each: Chosen) -> Part:
        known, days = self._known.get(each.file.name), self._days(each.file)
        rows = self._examined[each.file.name].rows if each.file.name in self._examined else known.rows if known else 0
        return Part(each.file.name, each.file.stamp, self._reading, each.counts_for, days, rows)

    def _refuse_emptied(self, file: ExportFile) -> None:
        known = self._known.get(file.name)
        if known and known.rows and not file.rows:
            reason = f"{file.name} has 0 rows, where it had {known.rows:,} for {known.days}"
            raise BrokenError(reason, "have it delivered again; nothing was changed", retry=False)

    def _refuse_nothing(self, rows: int, touched: tuple[Days, ...]) -> None:
        if rows:
            return
        before = self.ledger.rows_of(touched)
        remedy = "have it delivered again; nothing was changed. If these days really cost nothing, deliver a row of 0.00 for them"
        reason = f"the export of {self.account.name} in {self.store.url} has 0 rows"
        reason += f", where the ledger has {before:,} for {', '.join(map(str, touched))}" if before else ""
        raise BrokenError(reason, remedy, retry=False)


def import_export(
    account: Account, store: ObjectStore, ledger: Ledger, progress: Progress, memory_mb: int, *, dry_run: bool = False
) -> tuple[str, Merged | None]:
    """
    Bring the ledger up to a FOCUS export in a folder or bucket. Raises BrokenError that names the file; then nothing was written.

    What is written is one transaction: killed anywhere and run again, it reads the same and ends the same.
    """
    with tempfile.TemporaryDirectory(prefix="upkeep-costs-") as made:
        folder = Path(made)
        with duckdb_session(memory_mb * _MB, threads=2, spill=folder / "spill") as session:
            session.execute("set preserve_insertion_order = false")
            return Export(account, store, ledger, progress, memory_mb, folder, session).run(dry_run=dry_run)


def form_of(account: Account) -> Form:
    """How its files are read."""
    return CsvForm(account, account.columns) if account.columns else FocusForm(account.tag_keys)


def reading_of(account: Account) -> str:
    """A digest of all that decides how a file is read: when it changes, files are read again."""
    columns = account.columns.model_dump() if account.columns else None
    categories = {"categories": sorted(account.cost_categories)} if account.cost_categories else {}
    params: Mapping[str, Any] = {"form": FORM, "tags": sorted(set(account.tag_keys)), "columns": columns, **categories}
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()[:16]
