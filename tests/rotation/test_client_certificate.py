"""A client's certificate by overlap, against a real TLS server with a list of what is revoked."""

import ssl
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa

from tests.rotation.authority import CA, DAYS, SHOP, Server, certify, pem, run_here
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


def first(server: Server, key: Any = None, names: Any = None) -> SecretValue:
    """A certificate of the shop that ends soon."""
    key = key or ec.generate_private_key(ec.SECP384R1())
    (server.folder / DAYS).write_text("30")
    chain = certify(server.folder, SHOP, key.public_key(), names=names)
    (server.folder / DAYS).write_text("90")
    return SecretValue({"tls.crt": chain.decode(), "tls.key": pem(key).decode(), "note": "stays"})


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate(),
        ed448.Ed448PrivateKey.generate(),
    ],
)  # fmt: skip
def test_both_are_accepted_until_the_old_one_is_revoked(server: Server, key: Any) -> None:
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
    with pytest.raises(CannotAskError, match="the key is not that of the first certificate, CN=shop"):
        read_pair(old.get("tls.crt"), pem(ec.generate_private_key(ec.SECP256R1())).decode())
    upside_down = (server.folder / CA).read_text() + old.get("tls.crt")
    with pytest.raises(CannotAskError, match="first certificate, CN=authority") as raised:
        read_pair(upside_down, old.get("tls.key"))
    assert "comes first, then its chain" in raised.value.remedy
    hidden = serialization.BestAvailableEncryption(b"x")
    key = serialization.load_pem_private_key(old.get("tls.key").encode(), None)
    locked = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden).decode()
    with pytest.raises(CannotAskError, match="not PEM without a passphrase"):
        read_pair(old.get("tls.crt"), locked)


def test_a_chain_behind_the_certificate_is_kept(server: Server) -> None:
    authority = (server.folder / CA).read_text()

    def sign(args: Sequence[str], text: str, timeout_s: float) -> str:
        return run_here(args, text, timeout_s) + authority

    service, old = ClientCertificates(server.kind, sign), first(server)
    made = service.propose(old)
    assert made.get("tls.crt").endswith(authority)
    service.prove(made, old)
    service.retire(made, end_sessions=False)
    assert service.is_dead(made)


def test_names_in_another_order_are_the_same(server: Server) -> None:
    names = [x509.DNSName("shop.test"), x509.DNSName("a.test")]
    old = first(server, names=x509.SubjectAlternativeName(names))
    key = ec.generate_private_key(ec.SECP256R1())
    for order, taken in ((names[::-1], True), (names[:1], False), ([*names, x509.DNSName("c.test")], False)):
        chain = certify(server.folder, SHOP, key.public_key(), names=x509.SubjectAlternativeName(order))
        pending = SecretValue({"tls.crt": chain.decode(), "tls.key": pem(key).decode()})
        with nullcontext() if taken else pytest.raises(CannotAskError, match="another subject or names"):
            ClientCertificates(server.kind).accepts(pending, old)


@pytest.mark.parametrize("printed", ["\n", "hunter2", "-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----\n"])
def test_an_authority_that_prints_no_certificate_is_told(server: Server, printed: str) -> None:
    service = ClientCertificates(server.kind, lambda *_: printed)
    with pytest.raises(CannotAskError, match=r"printed (is not taken: certificate and key are not PEM|nothing)") as raised:
        service.propose(first(server))
    assert "hunter2" not in str(raised.value)
    assert "the command of `sign`" in raised.value.remedy


def test_a_kind_of_key_that_is_not_made_here(server: Server) -> None:
    with pytest.raises(CannotAskError, match="DSAPrivateKey is not made here"):
        ClientCertificates(server.kind).propose(first(server, dsa.generate_private_key(2048)))


@pytest.mark.parametrize("asks", [ssl.CERT_NONE, ssl.CERT_OPTIONAL])
def test_a_server_that_lets_everybody_in_proves_nothing(server: Server, asks: ssl.VerifyMode) -> None:
    """One that asks for no certificate; asked for and not required, one that is given is still verified."""
    server.asks = asks
    with pytest.raises(CannotAskError, match="no authority signed") if asks is ssl.CERT_NONE else nullcontext():
        ClientCertificates(server.kind).check(first(server))


def test_a_revocation_that_lies_leaves_the_old_one_alive(server: Server) -> None:
    service, old = ClientCertificates(server.kind, lambda *_: ""), first(server)
    service.retire(old, end_sessions=False)
    assert not service.is_dead(old)


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
