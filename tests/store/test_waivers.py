"""The waivers file: what it may say, and that a bad one quiets nothing."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.store.conftest import Store, breach, day, finding
from upkeep.checks.database.sequences import sequences
from upkeep.config.inventory import Inventory
from upkeep.config.settings import Person, Settings
from upkeep.config.waivers import load_waivers, rules_of, waived
from upkeep.errors import InventoryError
from upkeep.store.sync_definitions import declare
from upkeep.store.waivers import current_waivers, stale_waivers, sync_waivers
from upkeep.targets.database import Database

PEOPLE = (Person(name="dba", role="database-on-call", slack="U012AB3CD"),)
INVENTORY = Inventory(
    settings=Settings(people=PEOPLE),
    targets=tuple(Database(name=name, owner="dba", connection="x") for name in ("shop", "other")),
)
DUTIES = (sequences,)
GOOD = """
waivers:
  - duty: sequences
    target: shop
    rule: sequence_near_end
    object: public.a
    reason: Becomes bigint in May.
    issue: https://tracker.example/1
    approver: dba
    starts_on: 2026-03-01
    expires_on: 2026-03-20
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A good waivers file, found by UPKEEP_WAIVERS."""
    path = tmp_path / "waivers.yaml"
    path.write_text(GOOD)
    monkeypatch.setenv("UPKEEP_WAIVERS", str(path))
    return path


def test_the_example_file_is_good() -> None:
    path = Path(__file__).parents[2] / "include" / "waivers.yaml"
    text = path.read_text()
    assert load_waivers(path, INVENTORY, DUTIES) == ()
    assert "#   - duty: sequences" in text


def test_a_waiver_holds_from_its_start_to_its_end(file: Path) -> None:
    waivers = load_waivers(file, INVENTORY, DUTIES)
    held = [d for d in range(1, 29) if waived(finding(), "sequences", "shop", waivers, date(2026, 3, d))]
    assert held == list(range(1, 20))
    assert not waived(finding(), "sequences", "shop", waivers, date(2026, 2, 28))


@pytest.mark.near_miss
@pytest.mark.parametrize(
    ("duty", "target", "name", "rule"),
    [
        ("sequencer", "shop", "public.a", "sequence_near_end"),
        ("sequences", "other", "public.a", "sequence_near_end"),
        ("sequences", "shop", "public.A", "sequence_near_end"),
        ("sequences", "shop", "public.a", "other"),
    ],
)
def test_it_is_for_nothing_else(file: Path, duty: str, target: str, name: str, rule: str) -> None:
    waivers = load_waivers(file, INVENTORY, DUTIES)
    assert not waived(finding(name, rule=rule), duty, target, waivers, date(2026, 3, 5))


def test_without_target_rule_and_object_it_is_for_all(file: Path) -> None:
    lines = [line for line in GOOD.splitlines() if not line.strip().startswith(("target", "rule", "object", "starts_on"))]
    file.write_text("\n".join(lines))
    waivers = load_waivers(file, INVENTORY, DUTIES)
    assert waived(finding("public.b"), "sequences", "other", waivers, date(2026, 3, 19))
    assert waivers[0].first_day == date(2025, 3, 19)


@pytest.mark.fault
@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("duty: sequences", "duty: sequence", 3, 'no duty is called "sequence"; did you mean "sequences"?'),
        ("target: shop", "target: shopp", 4, 'sequences has no target "shopp"; did you mean "shop"?'),
        ("rule: sequence_near_end", "rule: sequence_near_and", 5, 'did you mean "sequence_near_end"?'),
        ("approver: dba", "approver: dbb", 9, '"dbb" is no person of the inventory; did you mean "dba"?'),
        ("    reason: Becomes bigint in May.\n", "", 3, "missing"),
        ("reason:", "raison:", 7, 'did you mean "reason"?'),
        ("https://", "http://", 8, "issue"),
        ("    expires_on: 2026-03-20\n", "", 3, "expires_on: missing"),
        ("expires_on: 2026-03-20", "expires_on: 2027-03-20", 3, "by at most 366 days"),
        ("expires_on: 2026-03-20", "expires_on: 2026-03-01", 3, "must come after starts_on"),
        ("expires_on: 2026-03-20", "expires_on: soon", 11, "expires_on"),
        ("waivers:", "waiver:", 2, 'did you mean "waivers"?'),
    ],
)
def test_what_is_wrong_is_said_with_its_line(file: Path, old: str, new: str, line: int, message: str) -> None:
    file.write_text(GOOD.replace(old, new))
    with pytest.raises(InventoryError) as caught:
        load_waivers(file, INVENTORY, DUTIES)
    assert f"{file}:{line}:" in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.fault
def test_the_same_findings_twice(file: Path) -> None:
    file.write_text(GOOD + GOOD.replace("\nwaivers:\n", ""))
    with pytest.raises(InventoryError, match="already waived by entry 1"):
        load_waivers(file, INVENTORY, DUTIES)


def test_no_file_beside_the_inventory_is_no_waivers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UPKEEP_WAIVERS", raising=False)
    assert load_waivers(tmp_path / "waivers.yaml", INVENTORY, DUTIES) == ()
    monkeypatch.setenv("UPKEEP_WAIVERS", str(tmp_path / "gone.yaml"))
    with pytest.raises(InventoryError, match="no such file"):
        load_waivers(tmp_path / "gone.yaml", INVENTORY, DUTIES)


def test_the_rules_of_a_duty_are_read_from_its_file() -> None:
    assert rules_of(sequences) == {"sequence_near_end"}


def test_sync_and_back(store: Store, file: Path) -> None:
    sync_waivers(store.connection, INVENTORY, DUTIES)
    assert current_waivers(store.connection) == load_waivers(file, INVENTORY, DUTIES)
    file.write_text("waivers: []")
    sync_waivers(store.connection, INVENTORY, DUTIES)
    assert current_waivers(store.connection) == ()
    assert store.value("select count(*) from upkeep.waiver") == 1


@pytest.mark.fault
def test_a_bad_file_quiets_nothing(store: Store, file: Path) -> None:
    declare(store.connection, INVENTORY, DUTIES)
    store.put(breach("public.a"))
    sync_waivers(store.connection, INVENTORY, DUTIES)
    red = "select red from upkeep.findings_as_of(%s)"
    assert store.value(red, [day(0).end]) is False
    file.write_text(GOOD + "  - duty: nonsense\n")
    with pytest.raises(InventoryError):
        sync_waivers(store.connection, INVENTORY, DUTIES)
    assert store.value(red, [day(0).end]) is True


def test_stale_waivers(store: Store, file: Path) -> None:
    declare(store.connection, INVENTORY, DUTIES)
    sync_waivers(store.connection, INVENTORY, DUTIES)
    assert file.exists()

    def stale(moment: datetime) -> list[bool]:
        return [waiver.expired for waiver in stale_waivers(store.connection, moment)]

    assert stale(datetime(2026, 2, 27, tzinfo=UTC)) == []
    assert stale(day(0).end) == [False]
    store.put(breach("public.a"))
    assert stale(day(0).end) == []
    assert stale(datetime(2026, 3, 20, tzinfo=UTC)) == [True]
    assert "expired on 2026-03-20" in str(stale_waivers(store.connection, datetime(2026, 3, 20, tzinfo=UTC))[0])


def test_declaring_replaces_by_key(store: Store) -> None:
    declare(store.connection, INVENTORY, DUTIES)
    before = store.rows("select xmin, name from upkeep.target order by name")
    declare(store.connection, INVENTORY, DUTIES)
    assert store.rows("select xmin, name from upkeep.target order by name") == before
    less = Inventory(settings=INVENTORY.settings, targets=INVENTORY.targets[:1])
    declare(store.connection, less, ())
    assert store.rows("select name, active from upkeep.target order by name") == [("other", False), ("shop", True)]
    assert store.rows("select name, target_kind, active from upkeep.duty") == [("sequences", "databases", False)]
    assert store.rows("select severity::text, days from upkeep.due_days order by due_days.severity desc")[0] == ("critical", 7)
    declare(store.connection, INVENTORY, DUTIES)
    assert store.rows("select distinct active from upkeep.target") == [(True,)]
