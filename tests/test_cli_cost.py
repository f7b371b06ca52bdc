"""upkeep cost measure: what it keeps, what it refuses by name, and that it may be repeated."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import upkeep.airflow_bridge
from tests.checks.costs.bills import Line, put
from tests.lab import Lab, fresh_database
from upkeep.cli import main
from upkeep.sources.scratch import ScratchServer
from upkeep.store.migrate import migrate

INVENTORY = """
people: [{name: ann, role: dba, slack: U0ANN}]
accounts:
  - {name: aws, owner: ann, provider: aws, place: "file:///bills", tag_keys: [team], currency: USD}
databases:
  - {name: shop, owner: ann, connection: shop_db}
"""
ADD = ("add", "aws", "rightsizing", "--what", "smaller instances", "--on", "2026-01-10", "--by", "ann")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def database(server: ScratchServer) -> Iterator[Lab]:
    with fresh_database(server, "cli_cost") as made:
        migrate(made.endpoint)
        with made.endpoint.connect("bill") as connection:
            put(connection, [Line([1.0], tags={"team": "shop"}, quantities=[2]), Line([3.0], "storage")], account="aws")
        yield made


@pytest.fixture
def run(
    database: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """Run one command on a report database without measures."""
    database.run("truncate upkeep.measure")
    (tmp_path / "inventory.yaml").write_text(INVENTORY)
    monkeypatch.setenv("UPKEEP_INVENTORY", str(tmp_path / "inventory.yaml"))
    stand_in = SimpleNamespace(store=lambda: database.endpoint)
    monkeypatch.setattr(upkeep.airflow_bridge, "connections", stand_in, raising=False)
    monkeypatch.setitem(sys.modules, "upkeep.airflow_bridge.connections", stand_in)

    def one(*words: str) -> tuple[int, str, str]:
        code = main(["cost", "measure", *words])
        return code, *capsys.readouterr()

    return one


def kept(database: Lab, columns: str = "name") -> list[tuple[Any, ...]]:
    with database.endpoint.connect("look") as connection:
        return connection.execute(f"select {columns} from upkeep.measure order by name".encode()).fetchall()


def test_a_measure_is_kept_with_what_it_is_about(run: Run, database: Lab) -> None:
    code, out, err = run(
        *ADD, "--service", "compute", "--sub-account", "production", "--tag", "team=shop", "--expected", "120.50",
        "--normalise-by", "hours", "--source", "https://git.test/merge/7", "--resource", "i-1, i-2",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "about production, compute, team=shop, expected to save 120.50 USD a month" in out
    columns = "sub_account, service, tags, expected_saving::text, currency, normalised_by, source, resource, taken_on::text"
    assert kept(database, columns) == [
        (
            "production",
            "compute",
            {"team": "shop"},
            "120.50",
            "USD",
            "hours",
            "https://git.test/merge/7",
            "i-1, i-2",
            "2026-01-10",
        )
    ]


def test_twice_it_is_there_once(run: Run, database: Lab) -> None:
    assert run(*ADD)[0] == 0
    code, out, _ = run(*ADD)
    assert (code, kept(database)) == (0, [("rightsizing",)])
    assert "just so already; nothing to do" in out


def test_another_of_the_same_name_is_refused_with_what_differs(run: Run, database: Lab) -> None:
    run(*ADD)
    code, _, err = run(*ADD, "--expected", "10")
    assert (code, kept(database, "expected_saving")) == (2, [(None,)])
    assert "expected_saving None instead of 10" in err


def test_a_dry_run_says_the_same_and_keeps_nothing(run: Run, database: Lab) -> None:
    code, out, _ = run(*ADD, "--dry-run")
    assert (code, kept(database)) == (0, [])
    assert "dry run: nothing was kept" in out
    run(*ADD)
    assert run(*ADD, "--by", "bob", "--dry-run")[0] == 2


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--service", "Compute"), 'has no "Compute"; did you mean "compute"?'),
        (("--sub-account", "staging"), 'has no "staging"; valid are: production'),
        (("--tag", "tem=shop"), 'declares no such tag; did you mean "team"?'),
        (("--tag", "team"), "is no KEY=VALUE"),
        (("--tag", "team=a", "--tag", "team=b"), "has two values, a and b"),
        (("--normalise-by", "hour"), 'did you mean "hours"?'),
        (("--normalise-by", "days", "--driver-service", "compute"), "give its unit"),
        (("--expected", "12,50"), "is no amount"),
        (("--expected", "-1"), "zero or more"),
        (("--expected", "NaN"), "zero or more"),
        (("--currency", "euro"), "is no currency"),
        (("--currency", "EUR"), 'has no "EUR"'),
        (("--on", "10.01.2026"), "is no day"),
        (("--on", "2999-01-01"), "is yet to come"),
        (("--by", " "), "--by: write 1 to 200"),
        (("--what", "two\nlines"), "--what: write 1 to"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(run: Run, database: Lab, words: tuple[str, ...], reason: str) -> None:
    code, _, err = run(*ADD, *words)
    assert code == 2
    assert reason in err
    assert kept(database) == []


def test_an_account_that_is_none(run: Run) -> None:
    assert 'did you mean "aws"?' in run("list", "aw")[2]
    assert "measures are of accounts" in run("list", "shop")[2]


def test_words_that_may_be_anything_stay_as_they_are(run: Run, database: Lab) -> None:
    name = "a \"b\" 'c' %s $1 ü"
    assert run("add", "aws", name, *ADD[3:])[0] == 0
    assert kept(database) == [(name,)]
    assert name in run("list", "aws")[1]


def test_the_list_shows_what_is_known(run: Run) -> None:
    assert "aws has no measures" in run("list", "aws")[1]
    run(*ADD, "--expected", "5")
    out = run("list", "aws")[1]
    assert "the whole account" in out
    assert "5.00 USD a month" in out
    assert "own units" in out


def test_an_end_is_kept_once(run: Run, database: Lab) -> None:
    run(*ADD)
    end = ("end", "aws", "rightsizing", "--on", "2026-03-01", "--why", "undone for the sale")
    assert "dry run" in run(*end, "--dry-run")[1]
    assert kept(database, "ended_on") == [(None,)]
    assert run(*end)[0] == 0
    assert kept(database, "ended_on::text, ended_why") == [("2026-03-01", "undone for the sale")]
    assert "nothing to do" in run(*end)[1]
    assert run(*end[:-1], "another reason")[0] == 2


def test_an_end_of_nothing_or_before_its_beginning_is_refused(run: Run, database: Lab) -> None:
    run(*ADD)
    assert 'did you mean "rightsizing"?' in run("end", "aws", "rightsize", "--on", "2026-03-01", "--why", "x")[2]
    assert "cannot end on 2026-01-09" in run("end", "aws", "rightsizing", "--on", "2026-01-09", "--why", "x")[2]
    assert kept(database, "ended_on") == [(None,)]


def test_a_measure_that_ended_may_be_declared_again_just_so(run: Run) -> None:
    run(*ADD)
    run("end", "aws", "rightsizing", "--on", "2026-03-01", "--why", "x")
    assert "nothing to do" in run(*ADD)[1]


OPPORTUNITY = "idle/eu-central-1/i-1"


@pytest.fixture
def offered(database: Lab) -> str:
    """An opportunity in a region that the ledger does not tell apart."""
    database.run("""
        insert into upkeep.answer (duty, target, window_start, window_end, cadence, status, summary, evidence, asked_at, seconds,
            dag_id, run_id, task_id, map_index, try_number)
        values ('opportunities', 'aws', '2026-01-05', '2026-01-12', 'weekly', 'breach', 's', '{}', '2026-01-12', 1,
            'weekly', 'r', 't', 0, 1) on conflict do nothing;
        insert into upkeep.opportunity
        values ('opportunities', 'aws', '2026-01-05', '2026-01-12', 'idle', 'eu-central-1', 'i-1', 'production', 'old shop',
            30, 43.80, 50, 'USD', 'ledger', 'high', 'low', 'stop it', 'aws describe', '{}', null) on conflict do nothing
    """)
    return OPPORTUNITY


def test_an_opportunity_gives_what_is_not_said(run: Run, database: Lab, offered: str) -> None:
    code, out, err = run("add", "aws", "--opportunity", offered, "--on", "2026-01-20", "--by", "ann")
    assert (code, err) == (0, "")
    assert 'measure "idle old shop" of aws since 2026-01-20, about production, expected to save 43.80 USD a month' in out
    columns = "name, sub_account, region, expected_saving::text, normalised_by, source, opportunity"
    assert kept(database, columns) == [("idle old shop", "production", None, "43.80", "days", offered, offered)]
    assert "nothing to do" in run("add", "aws", "--opportunity", offered, "--on", "2026-01-20", "--by", "ann")[1]


def test_what_is_said_goes_before_what_an_opportunity_gives(run: Run, database: Lab, offered: str) -> None:
    run(*ADD, "--opportunity", offered, "--expected", "7", "--normalise-by", "other spend")
    assert kept(database, "name, what, expected_saving, normalised_by") == [
        ("rightsizing", "smaller instances", 7, "other spend")
    ]


def test_an_opportunity_is_taken_up_once(run: Run, database: Lab, offered: str) -> None:
    run(*ADD, "--opportunity", offered)
    code, _, err = run("add", "aws", "again", "--opportunity", offered, "--on", "2026-01-20", "--by", "ann")
    assert (code, kept(database)) == (2, [("rightsizing",)])
    assert 'is taken up by measure "rightsizing" already' in err


@pytest.mark.usefixtures("offered")
def test_an_opportunity_that_is_none_is_refused_with_the_nearest(run: Run) -> None:
    assert 'did you mean "idle/eu-central-1/i-1"?' in run(*ADD, "--opportunity", "idle/eu-central-1/i-2")[2]


def test_without_an_opportunity_name_and_what_are_needed(run: Run) -> None:
    assert "NAME: write 1 to" in run("add", "aws", "--on", "2026-01-20", "--by", "ann")[2]
    assert "--what: write 1 to" in run("add", "aws", "x", "--on", "2026-01-20", "--by", "ann")[2]
