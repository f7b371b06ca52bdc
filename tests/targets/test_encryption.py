"""Whether a session is encrypted, seen on a real server, and judged without one."""

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lab import Lab
from upkeep.doctor import here
from upkeep.sources.encryption import Encryption
from upkeep.sources.postgres import Endpoint, session
from upkeep.sources.scratch import ScratchServer, free_port, installed
from upkeep.sources.server_user import server_user
from upkeep.store.migrate import migrate
from upkeep.targets.diagnosis import Level
from upkeep.targets.encryption_diagnosis import encryption
from upkeep.targets.postgres_login import look

REMOTE = "db.example"


def level(host: str, mode: str, protocol: str, *, chosen: bool = True) -> Level:
    return encryption("shop", Encryption(host, mode, chosen, protocol)).level


@pytest.mark.baseline
@pytest.mark.parametrize(("mode", "protocol"), [("verify-full", "TLSv1.3"), ("verify-ca", "TLSv1.2"), ("prefer", "GSSAPI")])
def test_a_verified_session_is_well(mode: str, protocol: str) -> None:
    assert level(REMOTE, mode, protocol) is Level.OK


@pytest.mark.fault
@pytest.mark.parametrize("mode", ["prefer", "allow"])
def test_what_crosses_a_network_in_the_clear_needs_a_person(mode: str) -> None:
    found = encryption("shop", Encryption(REMOTE, mode, chosen=False, protocol=""))
    assert found.level is Level.NO
    assert f"sslmode={mode} does not demand TLS" in found.text
    assert "verify-full" in found.remedy


@pytest.mark.near_miss
@pytest.mark.parametrize("mode", ["prefer", "allow", "require"])
def test_tls_that_is_not_verified_is_worth_knowing(mode: str) -> None:
    found = encryption("shop", Encryption(REMOTE, mode, chosen=mode != "prefer", protocol="TLSv1.3"))
    assert found.level is Level.NOTE
    assert found.text.startswith("TLSv1.3, but ")
    assert f"sslmode={mode}" in found.text
    assert ("libpq's own" in found.text) == (mode == "prefer")


@pytest.mark.near_miss
def test_no_tls_by_decision_or_on_this_machine_is_worth_knowing() -> None:
    assert level(REMOTE, "disable", "") is Level.NOTE
    for host in ("", "/run/postgresql", "@abstract", "localhost", "127.0.0.1", "127.8.0.1", "::1"):
        assert level(host, "prefer", "", chosen=False) is Level.NOTE, host
    for host in ("10.0.0.1", "localhost.example", REMOTE):
        assert level(host, "prefer", "", chosen=False) is Level.NO, host


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Endpoint, Path]]:
    """A server with TLS and its certificate."""
    major = next((major for major, folder in installed().items() if b"libssl" in (folder / "postgres").read_bytes()), None)
    if major is None:
        pytest.skip("no PostgreSQL here is built with TLS")
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("there is no openssl here to make a certificate with")
    folder = tmp_path_factory.mktemp("sealed")
    for place in (folder, *folder.parents[:2]):
        place.chmod(0o755)
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    more = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([program, *args, *more], check=True, capture_output=True)
    user = server_user()
    if user:
        shutil.chown(key, user.pw_uid, user.pw_gid)
    key.chmod(0o600)
    settings = {"fsync": "off", "ssl": "on", "ssl_cert_file": str(certificate), "ssl_key_file": str(key)}
    made = ScratchServer(folder / "server", free_port(), major=major, settings=settings)
    made.start()
    yield made.endpoint(), certificate
    made.remove()


@pytest.mark.parametrize(
    ("mode", "expected"),
    [(None, Level.NOTE), ("disable", Level.NOTE), ("require", Level.NOTE), ("verify-ca", Level.OK), ("verify-full", Level.OK)],
)
def test_a_real_server_with_tls(sealed: tuple[Endpoint, Path], mode: str | None, expected: Level) -> None:
    endpoint, certificate = sealed
    options = {"sslrootcert": str(certificate), **({"sslmode": mode} if mode else {})}
    with session(replace(endpoint, options=options), "upkeep test") as postgres:
        found = postgres.encryption
    assert (found.mode, found.chosen) == (mode or "prefer", mode is not None)
    assert found.protocol.startswith("TLSv1.") == (mode != "disable")
    assert encryption("shop", found).level is expected


def test_a_real_server_without_tls_and_its_report_database(lab: Lab) -> None:
    plain = replace(lab.endpoint, options={"sslmode": "disable", "application_name": "mine"})
    seen = look(plain, (), 5, 2)
    assert (seen.encryption.protocol, seen.encryption.mode, seen.encryption.local) == ("", "disable", True)
    assert seen.overruled == ("application_name",)
    migrate(lab.endpoint)
    found = {one.about: one for one in here.report_database(plain)}
    assert found["encryption"].text == "not encrypted; it does not leave this machine"
    assert found["encryption"].where == "connection upkeep_db"
