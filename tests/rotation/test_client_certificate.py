"""A client's certificate by overlap, against a real TLS server with a list of what is revoked."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.rotation.authority import CA, DAYS, SHOP, Server, certify, pem
from tests.rotation.world import GRACE, world
from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.client_certificate import is_admitted, read_pair
from upkeep.rotation.kinds.tls_client_certificate import ClientCertificates, TlsClientCertificateKind
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.service import RefusedError


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    """One that speaks this version."""
    made = Server(tmp_path, request.param)
    yield made
    made.close()


def first(server: Server, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None) -> SecretValue:
    """A certificate of the shop that ends soon."""
    key = key or ec.generate_private_key(ec.SECP384R1())
    (server.folder / DAYS).write_text("30")
    chain = certify(server.folder, SHOP, key.public_key())
    (server.folder / DAYS).write_text("90")
    return SecretValue({"tls.crt": chain.decode(), "tls.key": pem(key).decode(), "note": "stays"})


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048)])
def test_both_are_accepted_until_the_old_one_is_revoked(
    server: Server, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
) -> None:
    service, old = ClientCertificates(server.kind), first(server, key)
    service.check(old)
    new = service.propose(old)
    service.install(new)
    service.prove(new, old)
    assert service.separate(old, new)
    assert new.get("note") == "stays"
    made = read_pair(new.get("tls.crt"), new.get("tls.key"))
    assert type(made.key) is type(key)
    assert made.leaf.subject == SHOP
    assert not service.is_dead(old)
    service.retire(old, end_sessions=False)
    service.retire(old, end_sessions=True)
    assert service.is_dead(old)
    assert not service.is_dead(new)
    with pytest.raises(RefusedError, match="refuses CN=shop"):
        service.install(old)
    with pytest.raises(CannotAskError, match="refuses the current certificate"):
        service.check(old)


@pytest.mark.near_miss
def test_a_server_that_waits_for_the_client_to_speak_let_it_in(server: Server) -> None:
    server.word = b""
    service, old = ClientCertificates(server.kind), first(server)
    assert not service.is_dead(old)
    service.retire(old, end_sessions=False)
    assert service.is_dead(old)


def test_a_whole_rotation(tmp_path: Path) -> None:
    with world(None, tmp_path, "tls_client_certificate", "manifest") as made:
        assert made.rotator().advance("by hand").rotated
        made.pass_time(GRACE * 2)
        made.look()
        ended = made.rotator().advance().ended
        assert ended == made.service.identity(made.first)
        assert ended.startswith("CN=shop (serial ")
        assert not made.failed


def test_one_that_would_end_no_later_is_not_taken(server: Server) -> None:
    old = first(server)
    (server.folder / DAYS).write_text("20")
    with pytest.raises(CannotAskError, match="not after the current one"):
        ClientCertificates(server.kind).propose(old)


def test_one_of_another_subject_is_not_taken(server: Server) -> None:
    old, key = first(server), ec.generate_private_key(ec.SECP256R1())
    somebody = read_pair((server.folder / CA).read_text(), (server.folder / "ca.key").read_text()).leaf.subject
    other = certify(server.folder, somebody, key.public_key())
    pending = SecretValue({"tls.crt": other.decode(), "tls.key": pem(key).decode()})
    with pytest.raises(CannotAskError, match="another subject or names"):
        ClientCertificates(server.kind).accepts(pending, old)


def test_what_is_no_pair_is_told_without_a_word_of_it(server: Server) -> None:
    old = first(server)
    with pytest.raises(CannotAskError, match="not PEM") as raised:
        read_pair("hunter2", "hunter2")
    assert "hunter2" not in str(raised.value)
    with pytest.raises(CannotAskError, match="the key is not that of the certificate CN=shop"):
        read_pair(old.get("tls.crt"), pem(ec.generate_private_key(ec.SECP256R1())).decode())


def test_a_server_that_is_away_or_another_is_no_refusal(server: Server) -> None:
    old = first(server)
    pair = read_pair(old.get("tls.crt"), old.get("tls.key"))
    with pytest.raises(BrokenError, match="does not answer by TLS") as raised:
        is_admitted("localhost", 9, str(server.folder / CA), pair)
    assert raised.value.retry
    with pytest.raises(BrokenError, match="is not proven by") as raised:
        is_admitted("127.0.0.1", server.port, str(server.folder / CA), pair)
    assert not raised.value.retry


def test_the_key_is_in_no_file(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    load = ssl.SSLContext.load_cert_chain

    def noting(self: ssl.SSLContext, file: str) -> None:
        loaded.append(str(file))
        load(self, file)

    service, old = ClientCertificates(server.kind), first(server)
    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", noting)
    assert not service.is_dead(old)
    assert all(path.startswith("/proc/self/fd/") for path in loaded if "server.pem" not in path)


def test_a_program_without_its_path_is_refused(server: Server) -> None:
    with pytest.raises(ValueError, match="whole path"):
        TlsClientCertificateKind.model_validate({**server.kind.model_dump(), "sign": ["sign"]})
