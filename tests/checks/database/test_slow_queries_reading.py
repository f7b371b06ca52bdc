"""slow_queries: every line is read or counted as not read, every call once, and no constant comes out."""

import time
from datetime import datetime
from pathlib import Path

import psycopg
import pytest

from tests.checks.database.test_slow_queries import SECRET, an_hour_from, asked, configure, logger, second, shapes, shop, slow
from tests.lab import Lab, fresh_database
from upkeep.answer import Answer, Status
from upkeep.checks.database import slow_queries as module
from upkeep.checks.database.slow_queries import slow_queries
from upkeep.sources.postgres import session
from upkeep.sources.server_logging import Logging

__all__ = ["logger", "shop"]


def lines_of(answer: Answer) -> dict[str, int]:
    """How many lines were read, and how many of them understood."""
    return dict(answer.evidence["lines"])


def test_every_line_that_a_server_writes_is_understood(shop: Lab) -> None:
    time.sleep(1)
    begin = second()
    slow(shop)
    with shop.session() as session, pytest.raises(psycopg.errors.DivisionByZero):
        session.execute("select 1 / 0 -- it's\n, 'x'")
    shop.run("do $$ begin raise warning E'a\\nb'; raise log 'c'; end $$")
    for pattern in ("*.log", "*.csv", "*.json", None):
        answer = asked(shop, pattern, an_hour_from(begin))
        assert answer.status is Status.OK
        assert lines_of(answer)["fitted"] >= 8
        assert (lines_of(answer)["unfitted"], lines_of(answer)["foreign"]) == (0, 0), (pattern, lines_of(answer))


@pytest.fixture
def german(shop: Lab) -> str:
    """A locale in which the server speaks German, or a skip."""
    name = "de_DE.UTF-8"
    try:
        shop.run(f"set lc_messages = '{name}'")
    except psycopg.errors.InvalidParameterValue:
        pytest.skip("this machine has no German locale")
    return name


def whole_log(shop: Lab, pattern: str) -> str:
    """What the server wrote, once its collector has written a statement of now, too."""
    marker = f"marker_{time.monotonic_ns()}"
    shop.run(f"do $$ begin raise log '{marker}'; end $$")
    for _ in range(200):
        logged = "".join(path.read_text() for path in sorted((shop.server.data / "log").glob(pattern)))
        if marker in logged:
            return logged
        time.sleep(0.05)
    pytest.fail("the server wrote no log for ten seconds")


@pytest.mark.fault
def test_another_language_is_unknown_whoever_speaks_it(shop: Lab, tmp_path: Path) -> None:
    begin = second()
    slow(shop, 5)
    shop.run("select pg_rotate_logfile()")
    for pattern, german_ in (("*.log", "LOG:  Dauer: "), ("*.csv", ',LOG,00000,"Dauer: '), ("*.json", '"message":"Dauer: ')):
        logged = whole_log(shop, pattern)
        copy = tmp_path / f"copy{pattern[1:]}"
        copy.write_text(logged.replace(german_.replace("Dauer", "duration"), german_).replace("  statement: ", "  Anweisung: "))
        answer = shop.ask(slow_queries, window=an_hour_from(begin), target={"log": {"read": "file", "path": str(copy)}})
        assert answer.status is Status.UNKNOWN, pattern
        assert "do not fit" in answer.summary
        assert "aaaaaaaa@" in answer.summary or '"0000-00-00 ' in answer.summary or ',"aaaaaaaa",' in answer.summary
        assert SECRET.partition("@")[0] not in str(answer)
        assert "lc_messages" in answer.evidence["remedy"]


def test_the_monitoring_roles_own_language_hides_nothing(shop: Lab, german: str) -> None:
    shop.run(f"drop role if exists speaker; create role speaker login superuser; alter role speaker set lc_messages = '{german}'")
    begin = second()
    slow(shop, 2)
    assert shop.ask(slow_queries, user="speaker", window=an_hour_from(begin)).status is Status.OK
    with shop.session(user="speaker") as session:
        session.execute("select pg_sleep(0.08)", prepare=False)
    answer = shop.ask(slow_queries, user="speaker", window=an_hour_from(begin))
    assert answer.status is Status.UNKNOWN
    shop.run("drop role speaker")


def test_the_language_that_is_looked_at_is_the_servers(shop: Lab) -> None:
    shop.run("create role speaker login superuser; alter role speaker set lc_messages = 'POSIX'")
    try:
        languages = {}
        for login in ("postgres", "speaker"):
            with session(shop.login(login), "test") as pg:
                languages[login] = pg.measure(module.__file__, Logging)[0].language
    finally:
        shop.run("drop role speaker")
    # A login's own hides the server's: then the lines themselves tell.
    assert languages == {"postgres": shop.value("show lc_messages"), "speaker": ""}


@pytest.mark.fault
@pytest.mark.parametrize(("own", "server"), [("'0'", "-1"), ("-1", "'60ms'")])
def test_what_the_monitoring_login_logs_is_not_what_the_server_logs(shop: Lab, own: str, server: str) -> None:
    configure(
        shop,
        f"alter system set log_min_duration_statement = {server}",
        "alter system set auto_explain.log_min_duration = -1",
    )
    shop.run(f"create role asks login superuser; alter role asks set log_min_duration_statement = {own}")
    try:
        answer = shop.ask(slow_queries, user="asks", window=an_hour_from(second()))
    finally:
        shop.run("drop role asks")
    assert answer.status is Status.UNKNOWN
    assert answer.evidence["remedy"] == "alter role asks reset log_min_duration_statement;"


def changed_prefix(shop: Lab) -> datetime:
    """Three calls in one prefix and one in another; when that began."""
    configure(shop, "alter system set log_destination = 'stderr'")
    configure(shop, "alter system set log_line_prefix = '%t,%u,%d,%p '")
    time.sleep(1)
    begin = second()
    slow(shop, 3)
    configure(shop, "alter system reset log_line_prefix")
    slow(shop, 6)
    return begin


def test_a_prefix_that_the_log_says_was_set_is_read(shop: Lab) -> None:
    answer = asked(shop, "*.log", an_hour_from(changed_prefix(shop)))
    assert answer.status is Status.OK
    assert shapes(answer) == {"select pg_sleep(?), ?": 9}


@pytest.mark.fault
def test_another_prefix_is_unknown_with_examples(shop: Lab, tmp_path: Path) -> None:
    begin = changed_prefix(shop)
    logged = whole_log(shop, "*.log")
    (tmp_path / "postgresql.log").write_text(
        "\n".join(line for line in logged.split("\n") if 'parameter "log_line_prefix"' not in line)
    )
    target = {"log": {"read": "file", "path": str(tmp_path)}}
    answer = shop.ask(slow_queries, window=an_hour_from(begin), target=target)
    assert answer.status is Status.UNKNOWN
    assert "do not fit" in answer.summary
    assert "0000-00-00 00:00:00 aaa,aaaaaaaa," in answer.summary
    assert answer.evidence["remedy"].count("log.line_prefix") == 1
    assert SECRET.partition("@")[0] not in str(answer)
    assert shop.ask(slow_queries, window=an_hour_from(begin), target=target, unread_share=1).status is Status.OK


@pytest.mark.near_miss
def test_output_of_a_script_between_entries_is_fine(shop: Lab, tmp_path: Path) -> None:
    time.sleep(1)
    window = an_hour_from(second())
    slow(shop, 4)
    logged = whole_log(shop, "*.log")
    (tmp_path / "postgresql.log").write_text(logged + "cp: cannot stat 'x': No such file or directory\n" * 5)
    answer = shop.ask(slow_queries, window=window, target={"log": {"read": "file", "path": str(tmp_path)}})
    assert answer.status is Status.OK
    assert lines_of(answer)["foreign"] == 5
    assert shapes(answer) == {"select pg_sleep(?), ?": 4}


@pytest.mark.fault
def test_statements_without_their_text_are_unknown_when_they_are_slow(shop: Lab) -> None:
    configure(
        shop,
        "alter system set log_min_duration_statement = -1",
        "alter system set log_duration = on",
        "alter system set auto_explain.log_min_duration = '200ms'",
    )
    begin = second()
    slow(shop, 3)
    shop.run("select pg_sleep(0.3)")
    answer = asked(shop, window=an_hour_from(begin), slow_ms=70)
    assert answer.status is Status.UNKNOWN
    assert "without their statement" in answer.summary
    told = asked(shop, window=an_hour_from(begin), slow_ms=250, unread_share=0.5)
    assert shapes(told) == {"select pg_sleep(?)": 1}, "its plan tells it, once"


def test_a_prefix_without_database_says_so(shop: Lab) -> None:
    configure(shop, "alter system set log_line_prefix = '%m [%p] '", "alter system set log_destination = 'stderr'")
    begin = second()
    slow(shop, 2)
    shop.run("select pg_rotate_logfile()")
    with fresh_database(shop.server, "log_another") as other:
        answer = asked(other, "*.log", an_hour_from(begin))
    assert shapes(answer) == {"select pg_sleep(?), ?": 2}
    assert "do not say their database and may be another's: put %d into log_line_prefix" in answer.summary
    assert answer.evidence["without_database"] >= 2


@pytest.mark.fault
def test_a_slow_parse_or_bind_alone_is_slow(shop: Lab) -> None:
    shop.run("create function slow_to_plan() returns int immutable language sql as 'select 1 from pg_sleep(0.09)'")
    time.sleep(1)
    window = an_hour_from(second())
    with shop.session() as session:
        for _ in range(3):
            session.execute("select slow_to_plan() + %s", [7], prepare=False)
    for pattern in ("*.log", "*.csv", "*.json"):
        answer = asked(shop, pattern, window, slow_ms=70, min_count=3)
        row = next(row for row in answer.evidence["slowest"] if "slow_to_plan() + ?" in row["text"])
        assert (row["count"], row["total_ms"] > 240, row["p95_ms"] > 80) == (3, True, True), row
        assert [f.rule for f in answer.findings if "slow_to_plan() + ?" in f.title] == ["slow_query"]


@pytest.mark.parametrize("form", ["text", "json", "yaml", "xml"])
def test_nested_plans_are_part_of_their_call_and_show_no_constant(shop: Lab, form: str) -> None:
    configure(
        shop, f"alter system set auto_explain.log_format = '{form}'", "alter system set auto_explain.log_nested_statements = on"
    )
    time.sleep(1)
    window = an_hour_from(second())
    shop.run(f"create function f() returns int language plpgsql as $$ begin perform pg_sleep(0.08), '{SECRET}'; return 1; end $$")
    shop.run(f"select f(), f(), '{SECRET}' as a, E'\\'{SECRET}' as b")
    with shop.session() as session:
        session.execute("select f() + 1, %s", [SECRET], prepare=True)
    shop.run("do $$ begin perform f(); end $$")
    for pattern in ("*.log", "*.csv", "*.json"):
        answer = asked(shop, pattern, window)
        rows = {row["text"]: row for row in answer.evidence["slowest"]}
        assert {text: row["count"] for text, row in rows.items() if "f()" in text or "pg_sleep" in text or text == "do ?"} == {
            "select f(), f(), ? as a, ? as b": 1, "select f() + ?, ?": 1, "do ?": 1,
        }  # fmt: skip
        assert "Result" in str(rows["select f(), f(), ? as a, ? as b"]["plan"])
        assert SECRET.partition("@")[0] not in str(answer)


def test_a_function_whose_plans_alone_are_logged_is_counted_once(shop: Lab) -> None:
    configure(
        shop,
        "alter system set auto_explain.log_nested_statements = on",
        "alter system set log_min_duration_statement = -1",
        "alter system set auto_explain.log_format = 'yaml'",
    )
    shop.run("create function g() returns int language plpgsql as $$ begin perform pg_sleep(0.08); return 1; end $$")
    window = an_hour_from(second())
    shop.run(f"select g(), g(), '{SECRET}'")
    answer = asked(shop, window=window)
    assert [row["count"] for row in answer.evidence["slowest"] if "g()" in row["text"]] == [1]
    assert shapes(answer) == {}
    assert SECRET not in str(answer)
