"""Worked queries on a filled database, as the data team's role."""

import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from tests.lab import Lab
from tests.store.conftest import PROVENANCE, UNKNOWN, measured
from upkeep.checks.database.sequences import sequences
from upkeep.store.answers import connected, save
from upkeep.store.metric_rollup import roll_up
from upkeep.window import Cadence, Window

QUERIES = sorted((Path(__file__).parents[2] / "docs" / "queries").glob("*.sql"))
DAYS = 30
SOON = (datetime.now(UTC) + timedelta(days=9)).date()
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
FIRST = TODAY - timedelta(days=DAYS + 1)


def day(number: int) -> Window:
    """One of the days that have just been."""
    return Window(FIRST + timedelta(days=number), FIRST + timedelta(days=number + 1))


ASKED = {
    "insert into upkeep.target values ('shop', 'databases', 'dba', 'U1', 'high', '{}', null, true)",
    "insert into upkeep.duty values ('sequences', 'database', 'check', 'daily', 'database', 't', false, 'databases', true)",
    "insert into upkeep.due_days values ('high', 3)",
    f"""insert into upkeep.waiver values
       ('w', 'sequences', 'shop', null, 'public.b', 'why', 'https://x', 'dba', '2026-01-01', '{SOON}', true)""",
    f"""insert into upkeep.backup
       (id, target, location, state, window_start, window_end, begun_at, snapshot_at, finished_at, verified_at,
        stored_bytes, raw_bytes, manifest_sha256, dag_id, run_id, task_id, map_index)
       values ('b', 'shop', 'file:///b', 'complete', '{day(DAYS - 2).start}', '{day(DAYS - 2).end}', '{day(DAYS - 2).end}',
        '{day(DAYS - 2).end}', '{day(DAYS - 2).end + timedelta(minutes=9)}', '{day(DAYS - 2).end}', 1000, 5000,
        'f', 'backups', 'r', 't', 0)""",
    f"""insert into upkeep.restore
       (id, backup_id, target, destination, state, begun_at, finished_at, dag_id, run_id, task_id, map_index)
       values ('r', 'b', 'shop', 'scratch', 'proven', '{day(DAYS - 2).end}', '{day(DAYS - 2).end + timedelta(minutes=5)}',
        'restore', 'r', 't', 0)""",
    f"""insert into upkeep.run
       (cadence, window_start, window_end, dag_id, run_id, run_type, thread, started_at, finished_at)
       select 'daily', w, w + interval '1 day', 'daily', 'r', 'scheduled', 'c', w + interval '25 hours', w + interval '26 hours'
       from generate_series(timestamptz '{FIRST}', timestamptz '{day(DAYS).start}', '1 day') as w""",
    f"""with delivery as (
         insert into upkeep.spend_delivery (account, what, said_at, source_rows)
         values ('aws', 'a file', '{FIRST}', 1) returning id
       ),
       restated as (
         insert into upkeep.restatement
         select 'aws', date_trunc('month', date '{FIRST:%F}'), 'production', 'Support', 'EUR', id, '{day(9).start}',
           1500, 1500, 'late'
         from delivery
       )
       insert into upkeep.spend
       (account, day, key, version, billing_period, provider, billing_account, sub_account, service, category, commitment,
        commitment_status, tags, unit, currency, billed_cost, effective_cost, list_cost, quantity, source_rows, delivery, said_at)
       select 'aws', day, md5(kind::text)::uuid, 1, date_trunc('month', day), 'AWS', 'bill', 'production', 'Compute', 'Usage',
         case when kind > 1 then 'ri-1' end, case kind when 2 then 'Used' when 3 then 'Unused' end, '{{}}', 'Hours', 'EUR',
         kind, kind, 9, 24, 1, delivery.id, day + interval '1 day'
       from delivery, generate_series(1, 3) as kind,
         generate_series(date '{FIRST:%F}' - 40, '{day(DAYS).start:%F}', '1 day') as day""",
    f"""insert into upkeep.spend_share
       (duty, target, window_start, window_end, day, tag_key, kind, tag_value, currency, own_cost, shared_cost, total_cost)
       select duty, target, window_start, window_end, '{day(5).start:%F}', 'team', 'value', 'shop', 'EUR', 1, 2, 3
       from upkeep.answer where window_start = '{day(5).start}'""",
    f"""insert into upkeep.budget_forecast
       (duty, target, window_start, window_end, budget, month, currency, amount, spent, last_day, days_left)
       select duty, target, window_start, window_end, 'all', '{FIRST:%F}', 'EUR', 10, 5, '{day(5).start:%F}', 3
       from upkeep.answer where window_start = '{day(5).start}'""",
    f"""insert into upkeep.measure (account, name, what, taken_on, taken_by, currency, source, expected_saving)
       values ('shop', 'smaller', 'w', '{FIRST:%F}', 'ann', 'EUR', 'command line', 20)""",
    f"""insert into upkeep.saving
       (duty, target, window_start, window_end, measure, month, currency, state, days_known, days, months_before,
        normalised_by, cost, counterfactual, saved, low, high, price, discount, shared, note)
       select duty, target, window_start, window_end, 'smaller', '{FIRST:%Y-%m-01}', 'EUR', 'measured', 30, 30, 3,
         'own units', 90, 120, 30, 30, 36, 0, 0, 0, ''
       from upkeep.answer where window_start = '{day(5).start}'""",
}


@pytest.fixture(scope="module")
def filled(migrated: Lab) -> Lab:
    """A month of days, with findings that come, go, come back and stay."""
    with connected(migrated.endpoint) as connection:
        for number in range(DAYS + 1):
            names = [*(["public.a"] if number in {3, 4, 9} else []), *(["public.b"] if number > 9 else [])]
            by = replace(PROVENANCE, asked_at=day(number).end)
            save(connection, sequences, "shop", day(number), UNKNOWN if number == 6 else measured(number, *names), by)
            roll_up(connection, Cadence.DAILY, day(number))
        for statement in sorted(ASKED):
            connection.execute(statement.encode())
    return migrated


def test_there_are_ten() -> None:
    assert len(QUERIES) >= 25


@pytest.mark.parametrize("query", QUERIES, ids=lambda path: path.stem)
@pytest.mark.parametrize("args", [(), ("-v", f"moment={TODAY:%Y-%m-%d}")], ids=["as it stands", "with a moment"])
def test_each_gives_rows(filled: Lab, query: Path, args: tuple[str, ...]) -> None:
    where = ["-h", "127.0.0.1", "-p", str(filled.server.port), "-U", "postgres", "-d", filled.database]
    done = subprocess.run(
        [filled.server.program("psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *where, *args, "-f", query],
        env={"PGOPTIONS": "-c role=upkeep_reader", "PGPASSWORD": str(filled.endpoint.password)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()


def test_every_query_is_in_the_index() -> None:
    index = (QUERIES[0].parent / "README.md").read_text(encoding="utf-8")
    assert [q.name for q in QUERIES if f"({q.name})" not in index] == []


def test_a_login_that_is_let_in_names_tables_without_their_schema(filled: Lab) -> None:
    with connected(filled.endpoint) as connection:
        connection.execute("create role \"ann's\" login password 'reads'")
        connection.execute("select upkeep.admit_login('ann''s')")
    try:
        reader = replace(filled.endpoint, user="ann's", password="reads")
        with reader.connect("reader") as connection:
            assert connection.execute("select count(*) from answer").fetchone() == (DAYS + 1,)
            assert connection.execute("select count(*) > 0 from findings_as_of(now())").fetchone() == (True,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("delete from answer")
    finally:
        with connected(filled.endpoint) as connection:
            connection.execute('drop owned by "ann\'s"; drop role "ann\'s"')


def test_the_reader_cannot_write(filled: Lab) -> None:
    with connected(filled.endpoint) as connection:
        connection.execute("set role upkeep_reader")
        for verb in ("delete from upkeep.answer", "update upkeep.waiver set active = true", "create table upkeep.mine ()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(verb.encode())


def test_provenance_says_which_run(filled: Lab) -> None:
    assert filled.value("select distinct run_id from upkeep.current_answer") == PROVENANCE.run_id
    assert filled.value("select count(*) from upkeep.missing_answer") == 0
    assert sequences.name == filled.value("select duty from upkeep.current_answer")
