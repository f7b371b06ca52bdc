"""`python -m tests.kill.costs`: every fault at every moment of import_costs, then a rerun, as a table."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.kill.table import JobMatrix, print_matrix
from tests.kill.world import Point, World, world
from tests.ledger.world import charge, csv_text
from upkeep.ledger.exports import import_export
from upkeep.sources.objects import open_store
from upkeep.store import spend
from upkeep.store.answers import Provenance, connected
from upkeep.store.spend import StoredLedger
from upkeep.targets.account import Account

WORKS = ("import_costs",)
FAULTS = ("SIGKILL", "report db cut")
BEFORE = [charge(day) for day in range(30)]
AFTER = [*BEFORE[:29], charge(29, "11.50"), charge(3, "1000", ServiceName="Support")]
NOW = datetime(2026, 10, 20, 6, tzinfo=UTC)
_WRONG = """
    select (select sum(billed_cost) from upkeep.spend_now), (select count(*) from upkeep.spend),
        (select count(*) from upkeep.restatement), (select count(*) from upkeep.spend_file),
        (select count(*) from upkeep.spend_delivery)
"""
MEANT = (Decimal("1055.0"), 32, 2, 2, 2)
"""The sum, then rows: 30 and two new versions, two restated services, two files, two deliveries."""


@contextmanager
def watched_statements(point: Point) -> Iterator[None]:
    """Before each statement of the ledger is a moment."""
    original = spend.sql  # type: ignore[attr-defined]

    def sql(name: str) -> Any:
        point(f"before {name}")
        return original(name)

    spend.sql = sql  # type: ignore[attr-defined]
    try:
        yield
    finally:
        spend.sql = original  # type: ignore[attr-defined]


@dataclass
class Cells:
    """A folder of exports and a report database behind a proxy."""

    made: World

    @property
    def place(self) -> Path:
        """Where the exports lie."""
        return self.made.folder / "exports"

    def run(self, made: World, point: Point) -> None:
        """The import, as a task runs it."""
        with watched_statements(point):
            self._bring(made.to_report.port, lambda step, text="": point(f"step {step} {text.partition(' (')[0]}"))
            point("after the end")

    def _bring(self, port: int, progress: Any) -> None:
        account = Account(name="aws", owner="o", provider="aws", place=self.place.as_uri(), tag_keys=("team",), currency="EUR")
        with connected(replace(self.made.report.endpoint("report"), port=port)) as connection:
            ledger = StoredLedger(connection, "aws", Provenance("daily", "r", "t", 0, 1, NOW, 0))
            import_export(account, open_store(self.place.as_uri()), ledger, progress, 256)

    def reset(self) -> None:
        """A month that was imported, and its export since changed."""
        self.made.heal()
        (self.made.folder / "child.log").write_text("")
        with self.made.report.endpoint("report").connect("kill") as connection:
            connection.execute("truncate upkeep.spend_delivery, upkeep.spend, upkeep.spend_file, upkeep.restatement cascade")
        self.place.mkdir(exist_ok=True)
        (self.place / "b.csv").unlink(missing_ok=True)
        (self.place / "a.csv").write_text(csv_text(BEFORE))
        self._bring(self.made.report.port, lambda *_: None)
        (self.place / "a.csv").write_text(csv_text(AFTER[:30]))
        (self.place / "b.csv").write_text(csv_text(AFTER[30:]))

    def points(self) -> list[str]:
        """The names of every moment of an undisturbed run."""
        self.reset()
        names = self.made.folder / "points"
        names.unlink(missing_ok=True)
        code = self.made.child(self.run, None, lambda: None)
        assert code == 0, (self.made.folder / "child.log").read_text()[-3000:]
        assert not self.wrong(), self.wrong()
        return names.read_text().splitlines()

    def cell(self, chosen: int, fault: str) -> list[str]:
        """Strike, rerun; what is not healed, in words."""
        self.reset()
        self.made.child(self.run, chosen, self.made.faults()[fault])
        self.made.heal()
        code = self.made.child(self.run, -1, lambda: None)
        log = (self.made.folder / "child.log").read_text(errors="replace")[-400:]
        return [*([f"the rerun ended with {code}: {log}"] if code else []), *self.wrong()]

    def wrong(self) -> list[str]:
        """Everything that is not as it must be after a healed run."""
        with self.made.report.endpoint("report").connect("kill") as connection:
            found = connection.execute(_WRONG).fetchone()
        return [] if found == MEANT else [f"{found} instead of {MEANT}"]


@contextmanager
def cells(folder: Path) -> Iterator[Cells]:
    """A world for the import."""
    with world(folder, "select 1") as made:
        yield Cells(made)


def main() -> int:
    """Print the table; exit code 1 when anything was not healed."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--each", type=int, default=1, help="only each so many-th moment")
    with tempfile.TemporaryDirectory(prefix="upkeep-kill-") as folder, cells(Path(folder)) as table:
        return print_matrix([JobMatrix("import_costs", table.points(), FAULTS, table.cell)], given.parse_args().each)


if __name__ == "__main__":
    sys.exit(main())
