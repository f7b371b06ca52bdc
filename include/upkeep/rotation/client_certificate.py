"""A client's certificate with its key: read, followed by a request for the next one, and tried in a handshake."""

import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError, CannotAskError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_TIMEOUT_S, _ALERT_S, _HOUR = 10.0, 2.0, timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate, with what follows it in its chain, and the key that belongs to it."""

    leaf: "Certificate"
    key: Any
    chain_pem: str
    key_pem: str

    @property
    def name(self) -> str:
        """Subject and serial number: no secret."""
        return f"{self.leaf.subject.rfc4514_string()} (serial {self.leaf.serial_number:x})"


def read_pair(chain_pem: str, key_pem: str) -> Pair:
    """Parse both. Raises CannotAskError, without a word of them, when they are none or do not belong together."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        leaf = x509.load_pem_x509_certificates(chain_pem.encode())[0]
        key = load_pem_private_key(key_pem.encode(), None)
    except (ValueError, TypeError):
        raise CannotAskError("certificate and key are not PEM without a passphrase", "correct the secret in its store") from None
    if leaf.public_key() != key.public_key():
        message = f"the key is not that of the first certificate, {leaf.subject.rfc4514_string()}"
        raise CannotAskError(message, "correct the secret: the client's certificate comes first, then its chain")
    return Pair(leaf, key, chain_pem, key_pem)


def request_like(model: Pair) -> tuple[str, str]:
    """A new key of the same kind, and a request for a certificate of the same subject and names: both as PEM."""
    from cryptography import x509

    key, pem = _key_like(model.key)
    request = x509.CertificateSigningRequestBuilder().subject_name(model.leaf.subject)
    if names := _alternatives(model.leaf):
        request = request.add_extension(names, critical=False)
    return pem, _text(request.sign(key, _hash_for(key)))


def stranger_like(model: Pair) -> Pair:
    """A certificate of the same subject that no authority signed: whoever lets it in lets in everybody."""
    from cryptography import x509

    (key, pem), subject, now = _key_like(model.key), model.leaf.subject, datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - _HOUR).not_valid_after(now + _HOUR)
    leaf = made.sign(key, _hash_for(key))
    return Pair(leaf, key, _text(leaf), pem)


def _key_like(old: Any) -> tuple[Any, str]:
    """A new one of the same kind, and as PEM."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

    if isinstance(old, rsa.RSAPrivateKey):
        key: Any = rsa.generate_private_key(65537, old.key_size)
    elif isinstance(old, ec.EllipticCurvePrivateKey):
        key = ec.generate_private_key(old.curve)
    elif isinstance(old, ed25519.Ed25519PrivateKey):
        key = ed25519.Ed25519PrivateKey.generate()
    elif isinstance(old, ed448.Ed448PrivateKey):
        key = ed448.Ed448PrivateKey.generate()
    else:
        raise CannotAskError(f"a key of the kind {type(old).__name__} is not made here", "use RSA or an elliptic curve")
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key, key.private_bytes(serialization.Encoding.PEM, *plain).decode()


def _hash_for(key: Any) -> Any:
    """Those of Edwards curves have their own."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    return hashes.SHA256() if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) else None


def _text(made: Any) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    return str(made.public_bytes(Encoding.PEM).decode())


def names_of(certificate: "Certificate") -> frozenset[Any]:
    """Its alternative names, in whatever order."""
    return frozenset(_alternatives(certificate) or ())


def _alternatives(certificate: "Certificate") -> Any:
    from cryptography import x509

    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return None


def is_valid_now(certificate: "Certificate") -> bool:
    """By this machine's clock, as the handshake judges it."""
    return certificate.not_valid_before_utc <= datetime.now(UTC) < certificate.not_valid_after_utc


def is_admitted(host: str, port: int, authority: str, pair: Pair) -> bool:
    """
    Whether a server lets this client in. One of TLS 1.3 refuses after the handshake, in its first answer.

    Raises BrokenError when it is away, or is not the server that `authority` knows.
    """
    place = f"{host}:{port}"
    try:
        context = ssl.create_default_context(cafile=authority)
        with _in_memory(pair) as file:
            context.load_cert_chain(file)
        with socket.create_connection((host, port), _TIMEOUT_S) as plain, context.wrap_socket(plain, server_hostname=host) as tls:
            tls.settimeout(_ALERT_S)
            said = tls.recv(1)
    except ssl.SSLCertVerificationError as error:
        reason = f"{place} is not proven by {authority}: {error.verify_message}"
        raise BrokenError(reason, "see who answers there, and the file of its authority", retry=False) from None
    except TimeoutError as error:
        return _waits(place, error)
    except ssl.SSLError as error:
        return _is_let_in(place, str(error.reason or ""))
    except OSError as error:
        reason = f"{place} does not answer by TLS: {error.strerror or type(error).__name__}"
        raise BrokenError(reason, "see what listens there", retry=True) from None
    if not said:
        raise BrokenError(f"{place} closed the connection without a reason", "see its log", retry=True)
    return True


def _waits(place: str, error: TimeoutError) -> bool:
    """A server that says nothing waits for the client to speak: it let it in. One that took no connection has no words at all."""
    if "read" in str(error):
        return True
    raise BrokenError(f"{place} does not answer in {_TIMEOUT_S:g} s", "see what listens there", retry=True) from None


def _is_let_in(place: str, reason: str) -> bool:
    """An alert about the certificate is a refusal; whatever else is none of it."""
    if "ALERT" in reason and any(word in reason for word in ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED")):
        return False
    raise BrokenError(f"{place} broke the handshake: {reason or 'no reason was given'}", "see its log", retry=True)


@contextmanager
def _in_memory(pair: Pair) -> Iterator[str]:
    """A file that is on no disk: OpenSSL takes keys from files only."""
    handle = os.memfd_create("upkeep")
    try:
        os.write(handle, f"{pair.key_pem}\n{pair.chain_pem}".encode())
        yield f"/proc/self/fd/{handle}"
    finally:
        os.close(handle)
