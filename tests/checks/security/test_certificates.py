"""certificates: dates against the lifetime, the chain and the name, each fault apart; rows of what was shown."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.lab import Lab, asking, rules
from tests.tls_server import Issued, issue, serving
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.security.certificates import Certificate, certificates
from upkeep.errors import BrokenError
from upkeep.runner import ask, ask_and_store
from upkeep.sources.connections import OneDatabase
from upkeep.sources.postgres import Endpoint
from upkeep.sources.scratch import free_port
from upkeep.store.migrate import migrate
from upkeep.targets.database import Database
from upkeep.targets.endpoint import NetworkEndpoint

ROOT = issue("Root of the tests", authority=True, left_days=3000)
MIDDLE = issue("Middle of the tests", ROOT, authority=True, left_days=900)
NOWHERE = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))


def target(tmp_path: Path, port: int, **more: object) -> NetworkEndpoint:
    (tmp_path / "ca.pem").write_bytes(ROOT.pem)
    fields = {"name": "site", "owner": "ann", "address": f"https://127.0.0.1:{port}", "server_name": "shop.test"}
    return NetworkEndpoint(**{**fields, "ca_file": str(tmp_path / "ca.pem"), **more})


def answer(tmp_path: Path, *chain: Issued, **more: object) -> Answer:
    with serving(tmp_path, *chain) as port:
        return ask(asking(certificates, target(tmp_path, port, **more), NOWHERE))


@pytest.mark.baseline
def test_one_that_is_in_order(tmp_path: Path) -> None:
    result = answer(tmp_path, issue("shop.test", MIDDLE), MIDDLE)
    assert (result.status, result.findings) == (Status.OK, ())
    assert result.summary.startswith("TLSv1.3, CN=shop.test ends on ")
    assert {m.labels["subject"]: round(m.value) for m in result.metrics} == {"CN=shop.test": 80, "CN=Middle of the tests": 900}


@pytest.mark.near_miss
@pytest.mark.parametrize(("age_days", "left_days"), [(60, 30), (4, 2), (300, 140), (0.6, 0.3)])
def test_with_a_third_of_its_lifetime_left(tmp_path: Path, age_days: float, left_days: float) -> None:
    assert answer(tmp_path, issue("shop.test", MIDDLE, age_days=age_days, left_days=left_days), MIDDLE).status is Status.OK


@pytest.mark.near_miss
def test_thresholds_are_the_targets_own(tmp_path: Path) -> None:
    late = issue("shop.test", MIDDLE, age_days=80, left_days=20)
    own = {"certificates": {"renew_share": 0.1, "high_share": 0.05}}
    assert answer(tmp_path, late, MIDDLE, thresholds=own).status is Status.OK


@pytest.mark.fault
@pytest.mark.parametrize(
    ("age_days", "left_days", "severity", "limit"),
    [(65, 25, Severity.MEDIUM, "28% of its lifetime (limit 30%)"), (80, 10, Severity.HIGH, "11% of its lifetime (limit 15%)"),
     (5.5, 0.5, Severity.HIGH, "(limit 15%)"), (290, 75, Severity.MEDIUM, "(limit 30%)")],
)  # fmt: skip
def test_one_that_was_not_renewed(tmp_path: Path, age_days: float, left_days: float, severity: Severity, limit: str) -> None:
    leaf = issue("shop.test", MIDDLE, age_days=age_days, left_days=left_days)
    (found,) = answer(tmp_path, leaf, MIDDLE).findings
    assert (found.rule, found.object, found.severity) == ("expires", "CN=shop.test", severity)
    assert found.title.endswith(limit)
    assert found.due_by == leaf.certificate.not_valid_after_utc


@pytest.mark.fault
@pytest.mark.parametrize(
    ("dates", "rule", "severity", "text"),
    [({"left_days": -2}, "expired", Severity.CRITICAL, "has expired 2 d"),
     ({"age_days": -2}, "not_yet_valid", Severity.HIGH, "only from")],
)  # fmt: skip
def test_dates_that_clients_refuse(tmp_path: Path, dates: dict[str, float], rule: str, severity: Severity, text: str) -> None:
    (found,) = answer(tmp_path, issue("shop.test", MIDDLE, **dates), MIDDLE).findings  # type: ignore[arg-type]
    assert (found.rule, found.severity) == (rule, severity)
    assert text in found.title


@pytest.mark.fault
def test_an_intermediate_that_ends_is_found_too(tmp_path: Path) -> None:
    middle = issue("Old middle", ROOT, authority=True, age_days=1000, left_days=85)
    result = answer(tmp_path, issue("shop.test", middle), middle)
    assert rules(result) == [("expires", "CN=Old middle")]


@pytest.mark.fault
def test_a_chain_and_a_name_that_clients_refuse(tmp_path: Path) -> None:
    leaf = issue("other.test", MIDDLE, left_days=-1)
    result = answer(tmp_path, leaf)
    assert {f.rule for f in result.findings} == {"chain_refused", "name_refused", "expired"}
    titles = " ".join(f.title for f in result.findings)
    assert "unable to get local issuer certificate" in titles
    assert "(its names: other.test)" in titles


def test_what_was_shown_becomes_rows(tmp_path: Path, lab: Lab) -> None:
    migrate(lab.endpoint)
    with serving(tmp_path, issue("shop.test", MIDDLE), MIDDLE) as port:
        asked = asking(certificates, target(tmp_path, port), NOWHERE)
        ask_and_store(asked, lab.endpoint)
        ask_and_store(asked, lab.endpoint)
    assert lab.value(
        "select string_agg(place || ' ' || subject || ' ' || names::text, '; ' order by place) from upkeep.certificate"
    ) == ("0 CN=shop.test {shop.test}; 1 CN=Middle of the tests {}")
    assert lab.value("select not_after - not_before from upkeep.certificate where place = 0") == timedelta(days=90)
    assert Certificate.table == "certificate"


def test_nobody_there_is_broken_and_another_kind_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(BrokenError, match="does not answer"):
        ask(asking(certificates, target(tmp_path, free_port()), NOWHERE))
    answer = ask(asking(certificates, Database(name="shop", owner="ann", connection="x"), NOWHERE))
    assert answer.summary == "certificates asks for certificates, but shop is no endpoint"
