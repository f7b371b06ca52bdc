"""upkeep archive: what it prints, and its exit codes: 0 well, 1 a person is needed, 2 wrong use."""

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import upkeep.airflow_bridge
from tests.archive.world import VISITS, World
from tests.lab import Lab
from upkeep.cli import main
from upkeep.errors import BrokenError
from upkeep.jobs.database.archive import archive
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.sources.postgres import Endpoint
from upkeep.store.answers import Provenance, save
from upkeep.store.migrate import migrate

ZONE = "America/New_York"


@dataclass
class Output:
    """What one command ended with and printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run one command here."""

    def one(*args: str) -> Output:
        try:
            code = main(["archive", *args])
        except SystemExit as ended:  # argparse's own
            code = int(ended.code or 0)
        return Output(code, *capsys.readouterr())

    return one


@pytest.fixture
def declared(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """An inventory that declares visits and orders of `shop`; nothing is archived yet."""
    lab.run(VISITS)
    inventory, to = tmp_path / "inventory.yaml", (tmp_path / "store").as_uri()
    inventory.write_text(f"""
people: [{{name: ann, role: dba, slack: U0ANN}}]
databases:
  - name: shop
    owner: ann
    connection: shop_db
    maintenance: {{login: shop_db}}
    archive:
      - {{table: public.visits, column: seen_at, keep: 1 year, to: '{to}', time_zone: {ZONE}}}
      - {{table: public.orders, column: at, keep: 1 year, to: '{to}'}}
  - name: other
    owner: ann
    connection: shop_db
    archive: [{{table: public.orders, column: at, keep: 1 year, to: '{to}'}}]
""")
    monkeypatch.setenv("UPKEEP_INVENTORY", str(inventory))
    stand_for(lab.endpoint, monkeypatch)
    return World(lab, tmp_path / "store", target="shop").plan(time_zone=ZONE)


def stand_for(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    connections = SimpleNamespace(postgres=lambda _: endpoint, objects=lambda url, _: open_store(url))
    stand_in = SimpleNamespace(store=lambda: endpoint, AirflowConnections=lambda: connections)
    monkeypatch.setattr(upkeep.airflow_bridge, "connections", stand_in, raising=False)
    monkeypatch.setitem(sys.modules, "upkeep.airflow_bridge.connections", stand_in)


@pytest.fixture
def world(declared: World) -> World:
    """Visits are archived."""
    assert not declared.run().findings
    return declared


@pytest.mark.usefixtures("world")
def test_list_says_what_there_is(run: Any) -> None:
    output = run("list", "--target", "shop")
    assert (output.code, output.err) == (0, "")
    visits = next(line for line in output.out.splitlines() if "public.visits" in line).split()
    assert visits[:4] == ["shop", "public.visits", "2,000", "4"]
    assert "2024-01-01" in visits
    assert visits[-1].startswith("file:///")
    orders = next(line for line in output.out.splitlines() if "public.orders" in line).split()
    assert orders[2:4] == ["0", "0"]
    assert [line.split()[1] for line in run("list", "visits").out.splitlines()[1:]] == ["public.visits"]


def test_list_warns_of_a_batch_that_is_under_way(world: World, run: Any) -> None:
    world.place.store.put("pending/20260101T000000-aa.parquet", b"x")
    output = run("list", "public.visits")
    assert output.code == 0
    assert "batch 20260101T000000-aa of an interrupted run is not settled: `upkeep job archive shop` does it" in output.err


def test_verify_reads_every_file(world: World, run: Any) -> None:
    output = run("verify", "public.visits")
    assert (output.code, output.out.strip()) == (0, "4 files with 2,000 rows of public.visits: each as it was archived")
    next(iter(world.files_there())).write_bytes(b"other")
    output = run("verify", "visits")
    assert output.code == 1
    assert output.out.startswith("damaged: ")


def test_restore_brings_rows_of_a_time_back(world: World, run: Any) -> None:
    output = run("restore", "public.visits", "--from", "2024-02-01", "--to", "2024-03-01")
    assert output.code == 0, output.err
    assert "696 rows of 1 file are in public.visits_archived of shop, equal to what was archived" in output.out
    zone = f"min(seen_at at time zone '{ZONE}')::text"
    assert world.lab.value(f"select {zone} from visits_archived") == "2024-02-01 00:00:00"
    again = run("restore", "public.visits")
    assert again.code == 2
    assert "there is a table public.visits_archived" in again.err
    assert run("restore", "public.visits", "--into", "public.all").code == 0
    assert world.lab.value('select count(*) from "all"') == 2000


def test_a_moment_with_its_own_zone_is_that_moment(world: World, run: Any) -> None:
    assert run("restore", "visits", "--from", "2024-02-01T05:00:00+00:00", "--to", "2024-02-01T07:00+00:00").code == 0
    assert world.lab.value("select min(seen_at) = '2024-02-01 05:00+00' and count(*) = 2 from visits_archived")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("lost",), 'is no command; did you mean "list"?'),
        (("restore",), "say which table"),
        (("verify",), "say which table"),
        (("verify", "public.visit"), 'declares no archive of "public.visit"; did you mean "public.visits"?'),
        (("verify", "public.orders"), "is archived of shop, other: say which by --target"),
        (("verify", "visits", "--target", "other"), "declares no archive"),
        (("list", "visit"), 'declares no archive of "visit"; did you mean "visits"?'),
        (("list", "--target", "nowhere"), 'declares no archive of a database "nowhere"'),
        (("restore", "visits", "--from", "yesterday"), "write days as 2026-11-01"),
        (("restore", "visits", "--from", "2024-03-01", "--to", "2024-02-01"), "--from must lie before --to"),
        (("restore", "visits", "--into", "visits"), "say schema and name"),
        (("restore", "visits", "--from", "2031-01-01"), "holds no rows of that time"),
        (("list", "--from", "2024-01-01"), "--from, --to and --into are words of restore"),
        (("verify", "visits", "--into", "public.x"), "--from, --to and --into are words of restore"),
        (("restore", "visits", "--form", "2024-01-01"), "--form"),
        ((), "list|verify|restore"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_is_right(world: World, run: Any, args: tuple[str, ...], message: str) -> None:
    found = run(*args)
    assert found.code == 2, (found.out, found.err)
    assert message in found.err
    assert world.lab.value("select to_regclass('public.visits_archived')") is None


def test_a_store_that_is_away_ends_with_1(world: World, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(url: str, _: str | None) -> ObjectStore:
        raise BrokenError(f"no connection to {url}", "look at its network", retry=True)

    monkeypatch.setattr(upkeep.airflow_bridge.connections.AirflowConnections(), "objects", away)
    for case in (("list", "visits"), ("verify", "visits"), ("restore", "visits")):
        found = run(*case)
        assert found.code == 1, case
        assert "no connection to" in found.err
    assert world.ids()


def test_an_archive_that_is_not_there_is_not_well(world: World, run: Any) -> None:
    world.folder.rename(world.folder.with_name("unmounted"))
    found = run("verify", "visits")
    assert (found.code, "there is nothing to verify" in found.out) == (1, True)
    assert run("restore", "visits").code == 2


def test_a_damaged_archive_is_not_restored(world: World, run: Any) -> None:
    next(iter(world.files_there())).write_bytes(b"other")
    found = run("restore", "visits")
    assert found.code == 1
    assert "bytes, not" in found.err
    assert world.lab.value("select to_regclass('public.visits_archived')") is None


def test_an_empty_archive_is_whole_and_has_nothing_to_restore(declared: World, run: Any) -> None:
    assert "nothing of public.visits is archived at file:///" in run("verify", "visits").out
    found = run("restore", "visits")
    assert (found.code, "holds no rows" in found.err) == (2, True)
    assert declared.lab.value("select to_regclass('public.visits_archived')") is None


@pytest.mark.parametrize("kind", ["date", "timestamp", "timestamptz"])
def test_days_begin_in_the_declared_zone_whatever_the_column(lab: Lab, run: Any, declared: World, kind: str) -> None:
    lab.run(f"drop table visits; create table visits (id int, seen_at {kind}); set time zone '{ZONE}'")
    lab.run(f"set time zone '{ZONE}'; insert into visits values (1, '2024-01-31'), (2, '2024-02-01'), (3, '2024-02-02')")
    assert not declared.run().findings
    assert run("restore", "visits", "--from", "2024-02-01", "--to", "2024-02-02").code == 0
    assert lab.value("select array_agg(id) from visits_archived") == [2]


def test_verify_misses_a_file_that_was_lost_with_its_manifest_where_the_report_database_knows_it(world: World, run: Any) -> None:
    output = run("verify", "visits")
    assert output.code == 0
    assert "the report database does not say what was archived" in output.err, "it is not migrated"
    migrate(world.lab.endpoint)
    by = Provenance("monthly", "r", "t", 0, 1, datetime.now(UTC), 0)
    with world.lab.endpoint.connect("store") as connection:
        save(connection, archive, "shop", world.registry.window, world.run(), by)
    output = run("verify", "visits")
    assert (output.code, "report database" in output.err) == (0, False)
    path = next(iter(world.files_there()))
    (Path(world.place.store.root) / f"manifests/{path.stem}.json").unlink()
    path.unlink()
    output = run("verify", "visits")
    assert output.code == 1
    assert "is gone with its manifest: " in output.out
