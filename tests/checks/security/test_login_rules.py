"""login_rules: who is let in without proof, in clear or from anywhere."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.lab import Lab, rules
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.security.login_rules import login_rules


@contextmanager
def with_lines(lab: Lab, *lines: str, file: str = "pg_hba.conf", first: bool = False) -> Iterator[None]:
    """A file of the server with more lines for a while; it is not reloaded, so that nobody is let in."""
    path = lab.server.data / file
    before = path.read_text()
    more = "\n".join(lines)
    path.write_text(f"{more}\n{before}" if first else f"{before}\n{more}\n")
    try:
        yield
    finally:
        path.write_text(before)


def asked(lab: Lab, *lines: str, file: str = "pg_hba.conf", first: bool = False) -> Answer:
    with with_lines(lab, *lines, file=file, first=first):
        return lab.ask(login_rules)


@pytest.mark.baseline
def test_a_new_server_on_every_major(every_lab: Lab) -> None:
    answer = every_lab.ask(login_rules)
    assert answer.status is Status.OK
    assert answer.summary.startswith("0 of 6 login rules and 0 maps")


@pytest.mark.near_miss
@pytest.mark.parametrize(
    "line",
    [
        "local all postgres peer",
        "hostssl shop app 0.0.0.0/0 scram-sha-256",
        "host all all 10.0.0.0/8 scram-sha-256",
        "hostssl all all 10.0.0.0/8 ldap ldapserver=ldap.example.com ldapprefix=cn=",
        "host all all 0.0.0.0/0 reject",
        "hostssl all all 0.0.0.0/0 cert",
        "host replication standby samenet scram-sha-256",
        "host all rdsadmin 127.0.0.1/32 trust",
    ],
)
def test_what_is_fine(lab: Lab, line: str) -> None:
    assert rules(asked(lab, line)) == []


@pytest.mark.near_miss
def test_what_an_earlier_line_rejects(lab: Lab) -> None:
    answer = asked(lab, "host all all 10.0.0.0/8 reject", "host shop all 10.1.0.0/16 trust", first=True)
    assert rules(answer) == []


@pytest.mark.near_miss
@pytest.mark.parametrize("line", ["bosses anna postgres", r"bosses /^(.*)@example\.com$ \1"])
def test_maps_of_some_names(lab: Lab, line: str) -> None:
    assert rules(asked(lab, line, file="pg_ident.conf")) == []


@pytest.mark.near_miss
def test_lines_with_errors_are_of_config_files(lab: Lab) -> None:
    assert rules(asked(lab, "host all all 10.0.0.0/33 trust")) == []


@pytest.mark.fault
@pytest.mark.parametrize(
    ("line", "rule", "severity"),
    [
        ("local all all trust", "trust_login", Severity.MEDIUM),
        ("host all all 127.0.0.1/32 trust", "trust_login", Severity.MEDIUM),
        ("host all all 10.0.0.0/8 trust", "trust_login", Severity.HIGH),
        ("host all all 10.0.0.0/8 ident", "ident_over_network", Severity.LOW),
        ("host all all 10.0.0.0/8 password", "password_in_clear", Severity.LOW),
    ],
)
def test_too_easy(lab: Lab, line: str, rule: str, severity: Severity) -> None:
    answer = asked(lab, line)
    assert rules(answer) == [(rule, line)]
    assert answer.worst is severity


@pytest.mark.fault
def test_from_anywhere_is_one_finding(lab: Lab) -> None:
    answer = asked(lab, "host all all 0.0.0.0/0 scram-sha-256", "host all all ::/0 scram-sha-256")
    assert rules(answer) == [("login_from_anywhere", "host all all scram-sha-256")]
    assert "encryption is not demanded" in answer.findings[0].title


@pytest.mark.fault
def test_a_rule_after_a_narrower_reject(lab: Lab) -> None:
    assert len(asked(lab, "host all all 10.1.0.0/16 reject", "host all all 10.0.0.0/8 trust").findings) == 1


@pytest.mark.fault
@pytest.mark.parametrize(("role", "severity"), [("postgres", Severity.HIGH), (r"\1", Severity.LOW)])
def test_a_map_for_everybody(lab: Lab, role: str, severity: Severity) -> None:
    answer = asked(lab, f"bosses /^(.*)$ {role}", file="pg_ident.conf")
    assert rules(answer) == [("map_for_everybody", f"bosses /^(.*)$ {role}")]
    assert answer.worst is severity


@pytest.mark.fault
def test_trust_on_every_major(every_lab: Lab) -> None:
    assert rules(asked(every_lab, "host all all 0.0.0.0/0 trust")) == [("trust_login", "host all all 0.0.0.0/0 trust")]


@pytest.mark.near_miss
def test_a_managed_service_keeps_its_own_rules(lab: Lab) -> None:
    lab.run("create role rdsadmin nologin")
    answer = asked(lab, "host all all all scram-sha-256", "host all rdsadmin all trust", "host all all all md5")
    lab.run("drop role rdsadmin")
    assert rules(answer) == []


def test_the_grants_it_asks_for_are_enough(lab: Lab) -> None:
    lab.run("drop role if exists reader_of_rules; create role reader_of_rules login")
    refused = lab.ask(login_rules, user="reader_of_rules")
    lab.run(refused.evidence["remedy"])
    allowed = lab.ask(login_rules, user="reader_of_rules")
    lab.run("drop owned by reader_of_rules; drop role reader_of_rules")
    assert (refused.status, allowed.status) == (Status.UNKNOWN, Status.OK)
