"""Rules of pg_hba.conf: what is wide, what is local, what covers what."""

import pytest

from upkeep.formats.login_rule import LoginRule

ALL_V4, ALL_V6 = (".".join("0000"),) * 2, ("::", "::")
ONE_V6 = ":".join(["ffff"] * 8)


def rule(address: str = "10.0.0.0", netmask: str = "255.0.0.0", *, listens_on: str = "*", **more: object) -> LoginRule:
    usual = {"line_number": 1, "type": "host", "databases": ["all"], "users": ["all"], "method": "scram-sha-256"}
    return LoginRule(**{**usual, **more}, address=address, netmask=netmask, listens_on=listens_on)  # type: ignore[arg-type]


@pytest.mark.parametrize("where", [ALL_V4, ALL_V6, ("all", ""), (ALL_V4[0], "128.0.0.0"), ("2000::", "e000::")])
def test_wide(where: tuple[str, str]) -> None:
    assert rule(*where).is_wide


@pytest.mark.parametrize(
    "where",
    [
        ("10.0.0.0", "255.0.0.0"),
        ("samenet", ""),
        ("db.example.com", ""),
        ("2001:db8::", "ffff:ffff::"),
        ("::1", ONE_V6),
    ],
)
def test_narrow(where: tuple[str, str]) -> None:
    assert not rule(*where).is_wide


@pytest.mark.parametrize(
    "where", [("127.0.0.1", "255.255.255.255"), ("127.0.0.0", "255.0.0.0"), ("::1", ONE_V6), ("samehost", "")]
)
def test_local(where: tuple[str, str]) -> None:
    assert rule(*where).is_local
    assert rule("", "", type="local").is_local


@pytest.mark.parametrize("where", [ALL_V4, ("126.0.0.0", "254.0.0.0"), ("samenet", ""), ("::", "::")])
def test_not_local(where: tuple[str, str]) -> None:
    assert not rule(*where).is_local


@pytest.mark.parametrize(
    ("listens_on", "reachable"),
    [("localhost", False), ("127.0.0.1, ::1", False), ("", False), ("*", True), ("127.0.0.1,10.0.0.1", True)],
)
def test_reachable(listens_on: str, reachable: bool) -> None:  # noqa: FBT001 - a case of the table
    assert rule(listens_on=listens_on).is_reachable is reachable


def test_as_text() -> None:
    assert rule(users=["a", "b"]).text == "host all a,b 10.0.0.0/8 scram-sha-256"
    assert rule("", "", type="local", method="peer").text == "local all all peer"
    assert rule(*ALL_V4).without_address == rule(*ALL_V6).without_address == "host all all scram-sha-256"


def test_what_covers_what() -> None:
    everything, ten = rule(*ALL_V4, method="reject"), rule()
    assert everything.covers(ten)
    assert not ten.covers(everything)
    assert not everything.covers(rule("::1", ONE_V6))
    assert everything.covers(rule(type="hostssl"))
    assert not rule(type="hostssl").covers(ten)
    assert not everything.covers(rule("", "", type="local"))
    assert not everything.covers(rule(databases=["replication"]))
    assert not rule(*ALL_V4, users=["a"]).covers(ten)
    assert rule("all", "").covers(rule("db.example.com", ""))


def test_rules_of_a_service_alone() -> None:
    assert rule(users=["rdsadmin"]).is_only_for(["rdsadmin", "rdsrepladmin"])
    assert not rule(users=["rdsadmin", "all"]).is_only_for(["rdsadmin"])
