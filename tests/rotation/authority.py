"""An authority with commands that sign and revoke, and a server that asks clients for its certificates."""

import socket
import ssl
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from upkeep.rotation.kinds.tls_client_certificate import TlsClientCertificateKind

CA, CA_KEY, CRL, DAYS = "ca.pem", "ca.key", "crl.pem", "days"
SHOP = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "shop")])
_AUTHORITY = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])


def pem(key: Any) -> bytes:
    """A private key as text."""
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return bytes(key.private_bytes(serialization.Encoding.PEM, *plain))


def certify(folder: Path, subject: x509.Name, public: Any, *, names: Any = None, authority: bool = False) -> bytes:
    """Sign with the authority's key."""
    key: Any = serialization.load_pem_private_key((folder / CA_KEY).read_bytes(), None)
    now, days = datetime.now(UTC), int((folder / DAYS).read_text())
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(_AUTHORITY).public_key(public)
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(minutes=5))
    builder = builder.not_valid_after(now + timedelta(days=days)).add_extension(x509.BasicConstraints(authority, None), True)  # noqa: FBT003
    if names:
        builder = builder.add_extension(names, critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def revoke(folder: Path, certificate: bytes) -> None:
    """A list with this one, too; done twice it is there once."""
    key: Any = serialization.load_pem_private_key((folder / CA_KEY).read_bytes(), None)
    now, serials = datetime.now(UTC), set[int]()
    if (folder / CRL).exists():
        serials = {each.serial_number for each in x509.load_pem_x509_crl((folder / CRL).read_bytes())}
    if certificate:
        serials.add(x509.load_pem_x509_certificate(certificate).serial_number)
    builder = (
        x509.CertificateRevocationListBuilder().issuer_name(_AUTHORITY).last_update(now).next_update(now + timedelta(days=9))
    )
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now).build()
        builder = builder.add_revoked_certificate(entry)
    made = folder / "crl.new"
    made.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    made.replace(folder / CRL)


@dataclass
class Server:
    """It reads the list of what is revoked at each connection, and says a word to those it lets in, or waits."""

    folder: Path
    version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    port: int = 0
    word: bytes = b"welcome"
    asks: ssl.VerifyMode = ssl.CERT_REQUIRED
    _listening: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        """Make an authority, a certificate of the server, and listen."""
        key = ec.generate_private_key(ec.SECP256R1())
        (self.folder / CA_KEY).write_bytes(pem(key))
        (self.folder / DAYS).write_text("1000")
        (self.folder / CA).write_bytes(certify(self.folder, _AUTHORITY, key.public_key(), authority=True))
        revoke(self.folder, b"")
        own = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        chain = certify(self.folder, SHOP, own.public_key(), names=names)
        (self.folder / "server.pem").write_bytes(pem(own) + chain)
        self._listening = socket.create_server(("localhost", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Listen no more."""
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._listening.accept()
                with suppress(OSError), plain:
                    plain.settimeout(10)
                    plain.setsockopt(
                        socket.IPPROTO_TCP, socket.TCP_NODELAY, 1
                    )  # else its word waits 40 ms for an acknowledgement
                    with self._context().wrap_socket(plain, server_side=True) as tls:
                        tls.sendall(self.word)
                        tls.recv(1)

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(self.folder / CA))
        context.minimum_version = context.maximum_version = self.version
        context.load_cert_chain(self.folder / "server.pem")
        context.load_verify_locations(self.folder / CRL)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        context.verify_mode = self.asks
        return context

    @property
    def kind(self) -> "TlsClientCertificateKind":
        """As the inventory would say it; imported here, since the commands need none of it."""
        from upkeep.rotation.kinds.tls_client_certificate import TlsClientCertificateKind

        program = (sys.executable, str(Path(__file__)))
        words = {word: (*program, word, str(self.folder)) for word in ("sign", "revoke")}
        return TlsClientCertificateKind(
            kind="tls_client_certificate", host="localhost", port=self.port, authority=str(self.folder / CA), **words
        )


def answer(word: str, folder: Path, given: bytes) -> bytes:
    """`sign` a request, or `revoke` a certificate."""
    if word == "revoke":
        revoke(folder, given)
        return b""
    request = x509.load_pem_x509_csr(given)
    found = [each.value for each in request.extensions if isinstance(each.value, x509.SubjectAlternativeName)]
    return certify(folder, request.subject, request.public_key(), names=next(iter(found), None))


def run_here(args: Sequence[str], text: str, timeout_s: float) -> str:  # noqa: ARG001 - it takes a moment
    """The same without a process, for tests that do it a thousand times."""
    word, folder = args[-2:]
    return answer(word, Path(folder), text.encode()).decode()


if __name__ == "__main__":
    sys.stdout.buffer.write(answer(sys.argv[1], Path(sys.argv[2]), sys.stdin.buffer.read()))
