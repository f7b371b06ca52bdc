"""collation_versions: whose version changed, what was sorted by it, and that the remedy ends it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.lab import Lab, fresh_database, rules
from upkeep.answer import Severity, Status
from upkeep.checks.database.collation_versions import LISTED, collation_versions

BUILTIN = 17
OTHER = "update pg_catalog.pg_collation set collversion = '0' where collname = 'versioned'"


def make(lab: Lab) -> None:
    """A collation that has a version. What has one differs by major: ICU's where it was built in, the builtin ones from 17 on."""
    options = "provider = builtin, locale = 'C.UTF-8'" if (lab.server.major or 0) >= BUILTIN else "provider = icu, locale = 'de'"
    try:
        lab.run(f"create collation versioned ({options}); create table t (a text collate versioned, b text)")
    except psycopg.errors.FeatureNotSupported:
        pytest.skip(f"PostgreSQL {lab.server.major} is built here without ICU, and has no other collation with a version")


@contextmanager
def stale_database(lab: Lab) -> Iterator[Lab]:
    """A database whose own collation has another version than the library."""
    builtin = (
        "locale_provider builtin builtin_locale 'C.UTF-8'"
        if (lab.server.major or 0) >= BUILTIN
        else "locale_provider icu icu_locale 'de'"
    )
    lab.run('drop database if exists "Stale ä"')
    lab.run(f'create database "Stale ä" template template0 {builtin}')
    try:
        lab.run("update pg_catalog.pg_database set datcollversion = '0' where datname = 'Stale ä'")
        yield Lab(lab.server, "Stale ä", lab.stack)
    finally:
        lab.stack.close()
        lab.run('drop database "Stale ä" with (force)')


@pytest.mark.baseline
def test_a_version_that_is_in_use(every_lab: Lab) -> None:
    make(every_lab)
    every_lab.run("create index on t (a)")
    answer = every_lab.ask(collation_versions)
    assert (answer.status, answer.summary[:32]) == (Status.OK, "0 collations in use changed (0 m")


@pytest.mark.near_miss
@pytest.mark.parametrize("index", ["(b)", "using hash (a)", "(a text_pattern_ops)", '(a collate "C")'])
def test_what_was_not_sorted_by_it(lab: Lab, index: str) -> None:
    make(lab)
    lab.run(f"create index on t {index}; {OTHER}")
    answer = lab.ask(collation_versions)
    assert rules(answer) == []
    assert "(1 more that nothing was sorted by)" in answer.summary


@pytest.mark.near_miss
def test_a_collation_whose_version_was_never_kept(lab: Lab) -> None:
    make(lab)
    lab.run(f"create index on t (a); {OTHER.replace(chr(39) + '0' + chr(39), 'null')}")
    assert rules(lab.ask(collation_versions)) == []


@pytest.mark.fault
def test_an_index_that_was_sorted_by_it(every_lab: Lab) -> None:
    make(every_lab)
    every_lab.run(f'create unique index "I ä" on t (b, a); create index on t (lower(a)); {OTHER}')
    answer = every_lab.ask(collation_versions)
    assert rules(answer) == [("collation_changed", "public.versioned")]
    assert answer.worst is Severity.HIGH
    assert answer.findings[0].details["indexes"] == ['public."I ä"', "public.t_lower_idx"]
    for statement in answer.findings[0].remedy.splitlines():
        every_lab.run(statement)
    assert rules(every_lab.ask(collation_versions)) == []


@pytest.mark.fault
@pytest.mark.parametrize(
    "index",
    ["(b) where b > 'm' collate versioned", "((b < 'm' collate versioned))", "using hash (b) where b > 'm' collate versioned"],
)
def test_an_index_that_compares_by_it_without_being_sorted_by_it(every_lab: Lab, index: str) -> None:
    make(every_lab)
    every_lab.run(f"create index compared on t {index}; {OTHER}")
    answer = every_lab.ask(collation_versions)
    assert rules(answer) == [("collation_changed", "public.versioned")]
    assert answer.findings[0].details["indexes"] == ["public.compared"]


@pytest.mark.fault
def test_a_range_of_partitions(lab: Lab) -> None:
    make(lab)
    lab.run("create table p (a text collate versioned) partition by range (a); create table q (a text) partition by list (a)")
    lab.run(OTHER)
    answer = lab.ask(collation_versions)
    assert (rules(answer), answer.worst) == ([("collation_changed", "public.versioned")], Severity.MEDIUM)
    assert "public.p" in answer.findings[0].remedy


@pytest.mark.fault
def test_many_indexes_are_rebuilt_together(lab: Lab) -> None:
    make(lab)
    lab.run("".join(f"create index on t (a, b, (length(a) + {i}));" for i in range(LISTED + 1)) + OTHER)
    remedy = lab.ask(collation_versions).findings[0].remedy
    assert remedy.startswith("reindex database concurrently ")
    for statement in remedy.splitlines():
        lab.run(statement)
    assert rules(lab.ask(collation_versions)) == []


@pytest.mark.fault
def test_the_database_itself(every_lab: Lab) -> None:
    make(every_lab)
    with stale_database(every_lab) as stale:
        answer = stale.ask(collation_versions)
        assert (rules(answer), answer.worst) == ([("database_collation_changed", '"Stale ä"')], Severity.LOW)
        stale.run("create table t (a text primary key)")
        answer = stale.ask(collation_versions)
        assert answer.worst is Severity.HIGH
        for statement in answer.findings[0].remedy.splitlines():
            stale.run(statement)
        assert rules(stale.ask(collation_versions)) == []


@pytest.mark.fault
def test_a_template_from_which_nothing_can_be_made(lab: Lab) -> None:
    make(lab)
    with stale_database(lab) as stale:
        stale.run("""alter database "Stale ä" is_template true""")
        answer = lab.ask(collation_versions)
        with pytest.raises(psycopg.Error, match="collation version"):
            lab.run('create database made template "Stale ä"')
        lab.run(answer.findings[0].remedy)
        assert rules(lab.ask(collation_versions)) == []
        stale.run("""alter database "Stale ä" is_template false""")
    assert (rules(answer), answer.worst) == ([("template_collation_changed", '"Stale ä"')], Severity.LOW)


def test_other_databases_are_their_own_targets(lab: Lab) -> None:
    with fresh_database(lab.server, "another_one"):
        lab.run("update pg_catalog.pg_database set datcollversion = '0' where datname = 'another_one'")
        assert rules(lab.ask(collation_versions)) == []
