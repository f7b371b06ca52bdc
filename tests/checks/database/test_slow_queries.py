"""slow_queries: what real servers write in each format, and what cannot be known."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import FULL
from tests.lab import Lab, fresh_database
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.database.slow_queries import slow_queries
from upkeep.sources.scratch import ScratchServer, free_port
from upkeep.window import Window

SETTINGS = {
    "fsync": "off",
    "logging_collector": "on",
    "log_destination": "stderr,csvlog,jsonlog",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_timezone": "America/New_York",
    "log_min_duration_statement": "60ms",
    "shared_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "60ms",
    "auto_explain.log_analyze": "on",
}
SECRET = "somebody@example.org"  # a constant that must not be stored
PREFIXES = (
    "%m [%p] %q%u@%d ",
    "%t:%r:%u@%d:[%p]: ",
    "%t [%p-%l] %q%u@%d ",
    "%n %c %a|%u|%d ",
    "< %m %-12u %10d %e >%%",
    "%a,%h,%i %s %v %x %b [%m] ",
    "%m",
)


@pytest.fixture(scope="session")
def logger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ScratchServer]:
    """A server that logs in all three formats."""
    folder = tmp_path_factory.mktemp("logger")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)
    server = ScratchServer(folder, free_port(), major=FULL, settings=SETTINGS)
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def shop(logger: ScratchServer, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A fresh database there; server settings that a test altered are put back."""
    name = "log_" + "".join(c if c.isalnum() else "_" for c in request.node.name)[:50]
    with fresh_database(logger, name) as made:
        time.sleep(1)
        _begun[:] = [second()]
        yield made
        configure(made, "alter system reset all")


def configure(shop: Lab, *statements: str) -> None:
    for statement in statements:
        shop.run(statement)
    before = shop.value("select pg_conf_load_time()")
    shop.run("select pg_reload_conf()")
    while shop.value("select pg_conf_load_time()") <= before:  # each asks in a session of its own
        time.sleep(0.02)
    time.sleep(0.3)  # for the collector of the log, which nobody can ask


def second() -> datetime:
    """This second's beginning: some prefixes tell whole seconds only."""
    return datetime.now(UTC).replace(microsecond=0)


def an_hour_from(begin: datetime) -> Window:
    return Window(begin, begin + timedelta(hours=1))


_begun: list[datetime] = []


def around() -> Window:
    """Since the test began: entries of other tests have other prefixes, of which some do not tell the database."""
    return an_hour_from(_begun[0])


def asked(shop: Lab, pattern: str | None = None, window: Window | None = None, **thresholds: Any) -> Answer:
    """Through the server, or of the files that match."""
    log = {"read": "file", "path": str(shop.server.data / "log" / pattern)} if pattern else {"read": "server"}
    return shop.ask(slow_queries, window=window or around(), target={"log": log}, **thresholds)


def plan(answer: Answer) -> str:
    """The plan of our statement."""
    return str(next(row["plan"] for row in answer.evidence["slowest"] if "pg_sleep" in row["text"]))


def ours(answer: Answer) -> list[str]:
    """Rules of findings about our statements."""
    return [f.rule for f in answer.findings if "pg_sleep" in f.title]


def slow(shop: Lab, times: int = 3) -> None:
    with shop.session(application="LOG:  duration: 1 \"x', %m") as session:
        for _ in range(times):
            session.execute(f"select pg_sleep(0.08),\n\t'{SECRET}' -- comment".encode(), prepare=False)


def shapes(answer: Answer) -> dict[str, int]:
    """Counts by text; a busy machine makes other statements slow, too."""
    return {row["text"]: row["count"] for row in answer.evidence["slowest"] if "pg_sleep" in row["text"]}


@pytest.mark.baseline
@pytest.mark.parametrize("pattern", ["*.log", "*.csv", "*.json", None])
def test_every_format_tells_the_same(shop: Lab, pattern: str | None) -> None:
    slow(shop)
    answer = asked(shop, pattern)
    assert answer.status is Status.OK, answer
    assert shapes(answer) == {"select pg_sleep(?), ?": 3}
    assert SECRET not in json.dumps(answer.evidence)
    assert plan(answer).startswith("Result  (cost=")
    assert {m.name for m in answer.metrics} >= {
        "slow_query_total_ms",
        "slow_query_p95_ms",
        "slow_query_max_ms",
        "slow_query_count",
    }


@pytest.mark.parametrize("prefix", PREFIXES)
def test_any_prefix(shop: Lab, prefix: str) -> None:
    configure(shop, f"alter system set log_line_prefix = '{prefix}'", "alter system set log_destination = 'stderr'")
    time.sleep(1)
    begin = second()
    slow(shop)
    shop.run("select pg_rotate_logfile()")
    answer = asked(shop, "*.log", an_hour_from(begin))
    assert shapes(answer) == {"select pg_sleep(?), ?": 3}


@pytest.mark.near_miss
def test_slow_but_rare(shop: Lab) -> None:
    slow(shop, 3)
    assert ours(asked(shop, slow_ms=70, min_count=4)) == []


@pytest.mark.near_miss
def test_another_database_of_the_server(shop: Lab) -> None:
    slow(shop, 5)
    with fresh_database(shop.server, "log_another") as other:
        assert shapes(asked(other)) == {}


@pytest.mark.fault
def test_slow_and_often(shop: Lab) -> None:
    slow(shop, 4)
    answer = asked(shop, slow_ms=70, min_count=4)
    assert ours(answer) == ["slow_query"]
    assert answer.worst is Severity.MEDIUM
    assert "4 slow calls" in next(f for f in answer.findings if "pg_sleep" in f.title).title
    assert SECRET not in str(answer)


@pytest.mark.fault
def test_one_that_runs_very_long(shop: Lab) -> None:
    slow(shop, 1)
    assert ours(asked(shop, longest_minutes=0.0012)) == ["slow_query"]
    heavy = asked(shop, high_total_minutes=0.001)
    assert ours(heavy) == ["slow_query"]
    assert heavy.worst is Severity.HIGH


@pytest.mark.fault
def test_prepared_statements_and_hostile_names(shop: Lab) -> None:
    shop.run('create table "it\'s; \n\tLOG:  duration: 9 ms  statement: x" (name text)')
    with shop.session() as session:
        for _ in range(4):
            statement = 'select pg_sleep(0.08) from (select count(*) from "it\'s; \n\tLOG:  duration: 9 ms  statement: x") x'
            session.execute(statement + " where %s <> ''", [SECRET], prepare=True)
    for pattern in ("*.log", "*.csv", "*.json"):
        answer = asked(shop, pattern, slow_ms=70, min_count=4)
        assert ours(answer) == ["slow_query"], pattern
        assert next(f for f in answer.findings if "pg_sleep" in f.title).details["count"] == 4
        assert SECRET not in str(answer)


@pytest.mark.near_miss
def test_a_backslash_ends_no_string_where_the_server_reads_it_as_an_escape(shop: Lab) -> None:
    configure(shop, "alter system set standard_conforming_strings = off")
    with shop.session() as session:
        session.execute(rf"select pg_sleep(0.08), 'it\'s {SECRET}', 'x'".encode(), prepare=False)
    answer = asked(shop, "*.json")
    assert shapes(answer) == {"select pg_sleep(?), ?": 1}
    assert SECRET not in str(answer)


@pytest.mark.parametrize("name", ["my shop", "shop"])
@pytest.mark.parametrize("prefix", ["%m [%p] %d %a ", "%m [%p] %q%a %d ", "%m [%p] %u %d "])
@pytest.mark.fault
def test_a_name_with_a_space_is_told_from_the_names_beside_it(logger: ScratchServer, name: str, prefix: str) -> None:
    with fresh_database(logger, "my shop") as spaced, fresh_database(logger, "shop") as other:
        configure(other, f"alter system set log_line_prefix = '{prefix}'")
        _begun[:] = [second()]
        for lab, times in ((spaced, 2), (other, 3)):
            with lab.session(application="the till of my shop") as session:
                for _ in range(times):
                    session.execute(b"select pg_sleep(0.08)")
        time.sleep(1)
        asked_of = spaced if name == "my shop" else other
        answer = asked_of.ask(slow_queries, window=around(), target={"log": {"read": "server"}})
        configure(other, "alter system reset all")
    assert shapes(answer) == {"select pg_sleep(?)": 2 if name == "my shop" else 3}


@pytest.mark.near_miss
def test_the_login_s_own_reading_of_quotes_changes_nothing(shop: Lab) -> None:
    with shop.session() as session:
        session.execute(rf"select pg_sleep(0.08), 'it\', {SECRET}, '".replace(f", {SECRET}, '", "").encode(), prepare=False)
        session.execute(b"set standard_conforming_strings = off; set backslash_quote = on")
        session.execute(rf"select pg_sleep(0.08), 'it\'s {SECRET}', 'x'".encode(), prepare=False)
    usual = shapes(asked(shop))
    shop.run("alter role postgres set standard_conforming_strings = off")
    changed = asked(shop)
    shop.run("alter role postgres reset all")
    assert shapes(changed) == usual == {"select pg_sleep(?), ?": 2}
    assert SECRET not in str(changed)


@pytest.mark.fault
def test_a_statement_without_a_plan_is_not_to_be_explained(shop: Lab) -> None:
    shop.run("create table sold (id int)")
    shop.run("create function late() returns trigger language plpgsql as 'begin perform pg_sleep(0.08); return null; end'")
    shop.run(
        "create constraint trigger late after insert on sold deferrable initially deferred for each row execute function late()"
    )
    with shop.session(autocommit=False) as session:
        session.execute("insert into sold values (1)")
        session.commit()
    answer = asked(shop, slow_ms=70, min_count=1)
    remedies = {f.title.split(":")[0]: f.remedy for f in answer.findings}
    assert "explain" not in remedies["COMMIT"].lower()
    assert "WAL" in remedies["COMMIT"]


def test_plans_in_json(shop: Lab) -> None:
    configure(shop, "alter system set auto_explain.log_format = 'json'")
    shop.run(f"select pg_sleep(0.08) from pg_class where relname <> '{SECRET}' limit 1")
    for pattern in ("*.log", "*.csv", "*.json"):
        answer = asked(shop, pattern)
        assert json.loads(plan(answer))["Plan"]["Node Type"] == "Limit"
        assert SECRET not in str(answer)
        assert sum(shapes(answer).values()) == 1


def test_only_auto_explain(shop: Lab) -> None:
    configure(shop, "alter system set log_min_duration_statement = -1")
    begin = second()
    slow(shop, 2)
    answer = asked(shop, window=an_hour_from(begin))
    assert shapes(answer) == {"select pg_sleep(?), ?": 2}


def test_statements_logged_before_their_duration(shop: Lab) -> None:
    configure(shop, "alter system set log_statement = 'all'", "alter system set auto_explain.log_min_duration = -1")
    slow(shop, 2)
    for pattern in ("*.log", "*.csv", "*.json"):
        assert shapes(asked(shop, pattern)) == {"select pg_sleep(?), ?": 2}, pattern


def test_the_same_window_gives_the_same_rows(shop: Lab) -> None:
    slow(shop, 2)
    window = Window(around().start, datetime.now(UTC))
    once = asked(shop, window=window)
    slow(shop, 2)
    shop.run("select pg_rotate_logfile()")
    assert asked(shop, window=window) == once == asked(shop, "*.json", window=window)
    assert shapes(once) == {"select pg_sleep(?), ?": 2}


def test_durations_off_is_unknown(shop: Lab) -> None:
    configure(shop, "alter system set log_min_duration_statement = -1", "alter system set auto_explain.log_min_duration = -1")
    time.sleep(1)
    begin = second()
    shop.run("select 1 / 1; select pg_rotate_logfile()")
    answer = asked(shop, window=an_hour_from(begin))
    assert answer.status is Status.UNKNOWN
    assert "log_min_duration_statement" in answer.evidence["remedy"]


def test_switched_off_inside_the_window_is_unknown(shop: Lab) -> None:
    slow(shop, 1)
    begin = second()
    configure(shop, "alter system set auto_explain.log_min_duration = -1", "alter system set log_min_duration_statement = -1")
    time.sleep(1)
    answer = asked(shop, window=an_hour_from(begin), missing_minutes=0.01)
    assert answer.status is Status.UNKNOWN
    assert "switched off" in answer.summary


def test_a_log_that_was_deleted_is_unknown(shop: Lab, tmp_path: Path) -> None:
    window = an_hour_from(second() - timedelta(seconds=5))
    later = f"{second() + timedelta(minutes=20):%Y-%m-%d %H:%M:%S.000} UTC"
    (tmp_path / "postgresql.log").write_text(f"{later} [1] LOG:  x\n")
    target = {"log": {"read": "file", "path": str(tmp_path)}}
    answer = shop.ask(slow_queries, window=window, target=target)
    assert answer.status is Status.UNKNOWN
    assert "reaches back only to" in answer.summary


def test_silence_is_unknown(shop: Lab) -> None:
    before = Window(second() - timedelta(minutes=10), second() + timedelta(hours=1))
    answer = asked(shop, window=before, silent_hours=0.0001)
    assert answer.status is Status.UNKNOWN
    assert "silent for" in answer.summary


def test_no_right_to_read_is_unknown(shop: Lab) -> None:
    shop.run("drop role if exists log_reader; create role log_reader login in role pg_monitor")
    answer = shop.ask(slow_queries, user="log_reader", window=around())
    assert answer.status is Status.UNKNOWN
    remedy = "grant execute on function pg_catalog.pg_read_binary_file(text, bigint, bigint) to log_reader;"
    assert answer.evidence["remedy"] == remedy
    with shop.server.endpoint(shop.database).connect("grant") as admin:
        admin.execute(remedy.encode())
    assert shop.ask(slow_queries, user="log_reader", window=around()).status is Status.OK
    shop.run("drop owned by log_reader; drop role log_reader")


def test_before_the_server_was_made(shop: Lab) -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC)
    answer = asked(shop, window=Window(start, start + timedelta(days=1)))
    assert answer.status is Status.UNKNOWN
    assert "did not exist" in answer.summary
