"""function_search_path: whose names the caller can redirect, and who gains by it."""

from collections.abc import Iterator

import pytest

from tests.lab import Lab, rules
from upkeep.answer import Severity, Status
from upkeep.checks.security.function_search_path import function_search_path

BODY = "language plpgsql security definer as 'begin return 1; end'"
NAME = 'app."Pay ä"(amount integer)'
WITHOUT = [("definer_without_search_path", NAME)]
OPEN = [("definer_with_open_search_path", NAME)]


@pytest.fixture
def shop(lab: Lab) -> Iterator[Lab]:
    """A login, an owner that is no superuser, and a schema that the login may use."""
    lab.run("create role caller login; create role owner nologin; create schema app; grant usage, create on schema app to owner")
    lab.run("grant usage on schema app to caller")
    yield lab
    lab.stack.close()
    lab.run("drop owned by owner cascade; drop owned by caller; drop role caller; drop role owner")


def make(lab: Lab, more: str = "", owner: str = "owner") -> None:
    """A function that runs with its owner's rights."""
    lab.run(f'create function app."Pay ä"(amount integer) returns int {BODY} {more}; alter function {NAME} owner to {owner}')


@pytest.mark.baseline
def test_functions_that_run_as_their_caller(shop: Lab) -> None:
    shop.run("create function app.f() returns int language sql as 'select 1'")
    answer = shop.ask(function_search_path)
    assert (answer.status, answer.summary) == (Status.OK, "0 of 0 security definer functions look names up where the caller says")


@pytest.mark.near_miss
@pytest.mark.parametrize("path", ["''", "app, pg_temp", "pg_catalog", '"app", public'])
def test_a_path_of_its_own(shop: Lab, path: str) -> None:
    make(shop, f"set search_path = {path}")
    assert rules(shop.ask(function_search_path)) == []


@pytest.mark.near_miss
def test_a_body_that_was_resolved_when_it_was_made(shop: Lab) -> None:
    shop.run("create function app.f() returns int language sql security definer begin atomic select 1; end")
    assert rules(shop.ask(function_search_path)) == []


@pytest.mark.near_miss
def test_only_its_owner_may_call_it(shop: Lab) -> None:
    make(shop)
    shop.run(f"revoke execute on function {NAME} from public")
    assert rules(shop.ask(function_search_path)) == []


@pytest.mark.near_miss
def test_functions_of_extensions_are_theirs(shop: Lab) -> None:
    make(shop)
    shop.run(f"create extension pgstattuple; alter extension pgstattuple add function {NAME}")
    assert rules(shop.ask(function_search_path)) == []
    shop.run("drop extension pgstattuple")


@pytest.mark.fault
@pytest.mark.parametrize(("owner", "severity"), [("owner", Severity.MEDIUM), ("postgres", Severity.HIGH)])
def test_no_path_of_its_own(shop: Lab, owner: str, severity: Severity) -> None:
    make(shop, owner=owner)
    answer = shop.ask(function_search_path)
    assert rules(answer) == WITHOUT
    assert answer.worst is severity
    assert "1 login may call it, such as caller" in answer.findings[0].title
    shop.run(answer.findings[0].remedy)
    assert rules(shop.ask(function_search_path)) == []


@pytest.mark.fault
def test_nobody_gains_by_it_yet(shop: Lab) -> None:
    make(shop)
    shop.run("revoke usage on schema app from caller")
    answer = shop.ask(function_search_path)
    assert (rules(answer), answer.worst) == (WITHOUT, Severity.LOW)
    shop.run("grant usage on schema app to caller; grant owner to caller")
    assert shop.ask(function_search_path).worst is Severity.LOW


@pytest.mark.fault
@pytest.mark.parametrize("path", ['app, "Open ä"', "pg_temp, app", '"$user", app'])
def test_a_path_through_an_open_door(shop: Lab, path: str) -> None:
    shop.run('create schema "Open ä"; grant create on schema "Open ä" to public')
    make(shop, f"set search_path = {path}")
    answer = shop.ask(function_search_path)
    assert rules(answer) == OPEN
    shop.run(answer.findings[0].remedy)
    assert rules(shop.ask(function_search_path)) == []


@pytest.mark.fault
def test_a_trigger_runs_for_whoever_writes(shop: Lab) -> None:
    shop.run("create function app.audit() returns trigger language plpgsql security definer as 'begin return new; end'")
    shop.run("revoke execute on function app.audit() from public")
    answer = shop.ask(function_search_path)
    assert (rules(answer), answer.worst) == ([("definer_without_search_path", "app.audit()")], Severity.HIGH)


@pytest.mark.fault
def test_procedures_on_every_major(every_lab: Lab) -> None:
    every_lab.run("create procedure p(inout a int, b text) language plpgsql security definer as 'begin a := 1; end'")
    answer = every_lab.ask(function_search_path)
    assert rules(answer) == [("definer_without_search_path", "public.p(INOUT a integer, IN b text)")]
    every_lab.run(answer.findings[0].remedy)
    assert rules(every_lab.ask(function_search_path)) == []
