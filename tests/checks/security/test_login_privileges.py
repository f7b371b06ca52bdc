"""login_privileges: own rights, reached rights, and who works with them."""

from collections.abc import Iterator

import pytest

from tests.lab import Lab, needs_version, rules
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.security.login_privileges import login_privileges

POWERS = ["superuser", "createrole", "createdb", "replication", "bypassrls"]
PREDEFINED = ["pg_execute_server_program", "pg_write_server_files", "pg_read_server_files"]


@pytest.fixture
def app(lab: Lab) -> Iterator[str]:
    """A login without any right, and a group; both go with the test."""
    lab.run('create role "app ä" login; create role "Group" nologin')
    yield "app ä"
    lab.stack.close()
    lab.run('drop role "app ä"; drop role "Group"')


def ask(lab: Lab, **thresholds: str) -> Answer:
    return lab.ask(login_privileges, **thresholds)  # type: ignore[arg-type]


@pytest.mark.baseline
@pytest.mark.usefixtures("app")
def test_ordinary_logins(lab: Lab) -> None:
    assert ask(lab).status is Status.OK


@pytest.mark.near_miss
def test_the_administrator_is_expected(lab: Lab, app: str) -> None:
    lab.run(f'alter role "{app}" superuser')
    assert rules(ask(lab, expected=f"postgres, {app}")) == []


@pytest.mark.near_miss
@pytest.mark.usefixtures("app")
def test_roles_that_cannot_log_in(lab: Lab) -> None:
    lab.run('alter role "Group" superuser createrole')
    assert rules(ask(lab)) == []


@pytest.mark.near_miss
def test_harmless_memberships(lab: Lab, app: str) -> None:
    lab.run(f'grant pg_monitor, pg_read_all_data to "{app}"; grant usage on schema public to public')
    assert rules(ask(lab)) == []


@pytest.mark.fault
@pytest.mark.parametrize("power", POWERS)
def test_a_right_of_its_own(lab: Lab, app: str, power: str) -> None:
    lab.run(f'alter role "{app}" {power}')
    answer = ask(lab)
    assert rules(answer) == [("privileged_login", app)]
    lab.run(answer.findings[0].remedy)
    assert rules(ask(lab)) == []


@pytest.mark.fault
@pytest.mark.parametrize("role", PREDEFINED)
def test_a_right_through_a_group(lab: Lab, app: str, role: str) -> None:
    lab.run(f'grant {role} to "Group"; grant "Group" to "{app}"')
    answer = ask(lab)
    assert rules(answer) == [("privileged_login", app)]
    assert answer.findings[0].details["powers"] == {role: role}


@pytest.mark.fault
def test_a_superuser_it_may_become(lab: Lab, app: str) -> None:
    lab.run(f'alter role "Group" superuser; grant "Group" to "{app}"')
    answer = ask(lab)
    assert answer.findings[0].details["powers"] == {"superuser": "Group"}
    lab.run(answer.findings[0].remedy.partition("\n")[0])
    assert rules(ask(lab)) == []


@pytest.mark.fault
def test_an_application_that_works_as_superuser(lab: Lab, app: str) -> None:
    lab.run(f'alter role "{app}" superuser')
    lab.session(user=app, application="psql")
    assert ask(lab).worst is Severity.MEDIUM
    lab.session(user=app, application="shop")
    answer = ask(lab)
    assert answer.worst is Severity.HIGH
    assert "used now by shop" in answer.findings[0].title


@pytest.mark.fault
def test_a_schema_open_to_all(lab: Lab) -> None:
    lab.run('create schema "S ä"; grant create on schema "S ä" to public')
    answer = ask(lab)
    assert rules(answer) == [("schema_open_to_all", '"S ä"')]
    lab.run(answer.findings[0].remedy)
    assert rules(ask(lab)) == []


@pytest.mark.fault
def test_a_password_stored_as_md5(lab: Lab, app: str) -> None:
    lab.run(f"""alter role "{app}" password 'md5{"0" * 32}'""")
    assert rules(ask(lab)) == [("md5_password", app)]


def test_what_was_not_looked_at_is_said(lab: Lab, app: str) -> None:
    lab.run(f"""grant pg_monitor to "{app}"; alter role "{app}" password 'md5{"0" * 32}'""")
    answer = lab.ask(login_privileges, user=app)
    assert answer.status is Status.OK
    assert "not looked at" in answer.summary
    assert answer.evidence["passwords_read"] is False


MEMBERSHIPS = [
    pytest.param("inherit false, set false", [], marks=pytest.mark.near_miss),
    pytest.param("inherit true, set false", ["pg_execute_server_program"], marks=pytest.mark.fault),
    pytest.param("inherit false, set true", ["createdb", "pg_execute_server_program"], marks=pytest.mark.fault),
    pytest.param("inherit false, set false, admin true", ["createdb", "pg_execute_server_program"], marks=pytest.mark.fault),
]


@pytest.mark.parametrize(("options", "powers"), MEMBERSHIPS)
def test_what_a_membership_allows(lab: Lab, app: str, options: str, powers: list[str]) -> None:
    needs_version(lab, 16, "options of a membership")
    lab.run('alter role "Group" createdb; grant pg_execute_server_program to "Group"')
    lab.run(f'grant "Group" to "{app}" with {options}')
    found = [f.details["powers"] for f in ask(lab).findings]
    assert [sorted(each) for each in found] == ([powers] if powers else [])


@pytest.mark.near_miss
def test_who_inherits_only_does_not_become_what_the_role_may_become(lab: Lab, app: str) -> None:
    needs_version(lab, 16, "options of a membership")
    lab.run('create role "Top" superuser; grant "Top" to "Group" with inherit false, set true')
    try:
        lab.run(f'grant "Group" to "{app}" with inherit true, set false')
        assert rules(ask(lab)) == []
        lab.run(f'grant "Group" to "{app}" with set true')
        assert rules(ask(lab)) == [("privileged_login", app)]
    finally:
        lab.run('drop role "Top"')
