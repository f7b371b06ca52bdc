"""
How long a FOCUS export takes into the ledger, beside DuckDB's own aggregation of the same files, and again with one day changed.

A month of made-up Parquet files, one for each day, of the given number of rows (default 10 million), goes into the ledger of a
scratch server. Aims: within 1.5 times of DuckDB's aggregation with as many threads and as much memory, under 1 GiB of memory in
all, and the changed day under 5 % of the first time. DuckDB's own time is the mean of one before and one after; seconds of the
processor, ours and the server's, tell more on a machine that does other work too. Run: python -m bench.ledger [ROWS]
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from bench.archive import processor_s
from upkeep.humanize import size
from upkeep.ledger.exports import import_export
from upkeep.sources.duck import duckdb_session
from upkeep.sources.objects import open_store
from upkeep.sources.scratch import ScratchServer, free_port
from upkeep.sources.watchdog import postmaster
from upkeep.store.answers import Provenance, connected
from upkeep.store.migrate import migrate
from upkeep.store.spend import StoredLedger
from upkeep.targets.account import Account

Given = TypeVar("Given")
FIRST, DAYS, MEMORY_MB = date(2026, 9, 1), 30, 512
# Hours and resources as a large account has them; by account, service, region and tag 150 keys a day.
ROWS = """
    copy (
        select
            (1 + n %% 977)::decimal(18, 8) / 1000 * {factor} as "BilledCost",
            (1 + n %% 977)::decimal(18, 8) / 1000 * {factor} as "EffectiveCost",
            (1 + n %% 977)::decimal(18, 8) / 900 as "ContractedCost",
            (1 + n %% 977)::decimal(18, 8) / 800 as "ListCost",
            'USD' as "BillingCurrency", 'bill' as "BillingAccountId", 'account ' || n %% 10 as "SubAccountId",
            'Usage' as "ChargeCategory", null::varchar as "ChargeClass", 'service ' || n %% 25 as "ServiceName",
            'region ' || n %% 3 as "RegionId", 'AWS' as "ProviderName", 'i-' || n %% 5003 as "ResourceId",
            timestamp '{day}' + to_hours((n %% 24)::int) as "ChargePeriodStart",
            timestamp '{month}' as "BillingPeriodStart",
            map {{'team': 'team ' || n %% 5, 'Name': 'i-' || n %% 5003}} as "Tags",
            1::decimal(18, 4) as "PricingQuantity", 'Hours' as "PricingUnit"
        from range({rows}) as made (n)
    ) to '{path}' (format parquet)
"""
OWN = """
    select
        cast("ChargePeriodStart" as date) as day, "BillingPeriodStart", "ProviderName", "BillingAccountId", "SubAccountId",
        "ServiceName", "RegionId", "ChargeCategory", "ChargeClass", "Tags"['team'] as team, "PricingUnit", "BillingCurrency",
        sum("BilledCost"), sum("EffectiveCost"), sum("ContractedCost"), sum("ListCost"), sum("PricingQuantity"), count(*)
    from read_parquet('{folder}/*.parquet')
    group by all
"""


def made(folder: Path, number: int, rows: int, factor: int = 1) -> None:
    """The file of one day."""
    day = FIRST + timedelta(days=number)
    params = {"day": day, "month": FIRST, "rows": rows, "factor": factor, "path": folder / f"day{number:02}.parquet"}
    with duckdb_session(MEMORY_MB << 20, threads=2) as session:
        session.execute(ROWS.replace("%%", "%").format(**params))


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds, and seconds of the processor: ours and the server's."""

    seconds: float
    processor: float

    def against(self, other: "Took") -> str:
        """In words, beside what it is compared with."""
        shares = f"{self.seconds / other.seconds:.1%}, of processor seconds {self.processor / other.processor:.1%}"
        return f"{self.seconds:8.2f} s   processor {self.processor:.2f} s   {shares}"


def took(server: ScratchServer, work: Callable[[], Given]) -> tuple[Took, Given]:
    """How long it takes, and what it gives."""
    begun = _clocks(server)
    given = work()
    return Took(*(end - start for start, end in zip(begun, _clocks(server), strict=True))), given


def _clocks(server: ScratchServer) -> tuple[float, float]:
    return time.perf_counter(), time.process_time() + processor_s(postmaster(server.data) or 0)


def own_aggregation(folder: Path) -> int:
    """What DuckDB alone does."""
    with duckdb_session(MEMORY_MB << 20, threads=2) as session:
        session.execute("set preserve_insertion_order = false")
        return len(session.execute(OWN.format(folder=folder)).fetchall())


def bench(server: ScratchServer, folder: Path, rows: int) -> None:
    """Print each time beside its aim."""
    endpoint = server.endpoint()
    migrate(endpoint)
    account = Account(name="bench", owner="o", provider="aws", place=f"file://{folder}", tag_keys=("team",), deliveries="parts")

    def bring() -> int:
        with connected(endpoint) as connection:
            ledger = StoredLedger(connection, "bench", Provenance("", "", "", 0, 1, datetime.now(UTC), 0.0))
            merged = import_export(account, open_store(str(account.place)), ledger, lambda *_: None, MEMORY_MB)[1]
            return merged.changed if merged else 0

    before, keys = took(server, lambda: own_aggregation(folder))
    print(f"{rows:,} rows, {keys:,} keys, {size(sum(p.stat().st_size for p in folder.iterdir()))} of Parquet")
    first, merged = took(server, bring)
    after, _ = took(server, lambda: own_aggregation(folder))
    alone = Took((before.seconds + after.seconds) / 2, (before.processor + after.processor) / 2)
    print(f"DuckDB's own aggregation   {alone.seconds:8.2f} s   processor {alone.processor:.2f} s")
    print(f"into the ledger            {first.against(alone)} (aim 150 %); {merged:,} rows")
    made(folder, 11, rows // DAYS, factor=2)
    again, merged = took(server, bring)
    print(f"with one day changed       {again.against(first)} (aim 5 %); {merged:,} rows")
    idle, _ = took(server, bring)
    print(f"with nothing changed       {idle.against(first)}")
    print(f"peak memory of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB (aim 1024)")


def main(rows: int = 10_000_000) -> None:
    """Make the files, then measure."""
    with tempfile.TemporaryDirectory(prefix="upkeep-bench-") as made_here:
        base = Path(made_here)
        base.chmod(0o755)
        files = base / "export"
        files.mkdir()
        for number in range(DAYS):
            made(files, number, rows // DAYS)
        server = ScratchServer(base / "server", free_port(), settings={"fsync": "off"})
        try:
            server.start()
            bench(server, files, rows)
        finally:
            server.remove()


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]))
