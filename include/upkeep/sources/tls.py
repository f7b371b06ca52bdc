"""What a server shows in a TLS handshake: its certificates, and whether clients would accept them."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from upkeep.errors import BrokenError

# X509_V_FLAG_NO_CHECK_TIME of OpenSSL: dates are judged by us, so that an expired chain can still be called complete.
_NO_CHECK_TIME = 0x200000
# The message with which PostgreSQL clients ask for TLS (SSLRequest, protocol 3.0).
_LOOK = "look at what listens there, and at the way to it"
_SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")


@dataclass(frozen=True, slots=True)
class Shown:
    """One certificate as it was shown. `names` are those of the subject alternative name."""

    subject: str
    issuer: str
    serial: str
    not_before: datetime
    not_after: datetime
    names: tuple[str, ...]
    key: str
    signature: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Served:
    """
    What a server shows: the leaf first. `protocol` such as "TLSv1.3".

    `chain_problem` and `name_problem` say why a client would refuse it, whatever its dates; None when one would not.
    """

    certificates: tuple[Shown, ...]
    protocol: str
    cipher: str
    chain_problem: str | None
    name_problem: str | None


@dataclass(frozen=True, slots=True)
class Tls:
    """One address. `scheme` is https or tls, which begin with the handshake, or postgres, which asks for it first."""

    host: str
    port: int
    scheme: str
    timeout_s: float

    def look(self, server_name: str, ca_file: str | None) -> Served:
        """Shake hands three times: to see, to judge the chain, to judge the name. Raises BrokenError when it does not answer."""
        with self._shaken(_anything(), server_name) as shown:
            chain = _chain(shown)
            protocol, cipher = shown.version() or "", (shown.cipher() or ("",))[0]
        return Served(
            certificates=tuple(map(_read, chain)),
            protocol=protocol,
            cipher=cipher,
            chain_problem=self._refusal(_trusting(ca_file), server_name),
            name_problem=self._refusal(_trusting_only(chain[0]), server_name),
        )

    def _refusal(self, context: ssl.SSLContext, server_name: str) -> str | None:
        try:
            with self._shaken(context, server_name):
                return None
        except ssl.SSLCertVerificationError as error:
            return error.verify_message

    @contextmanager
    def _shaken(self, context: ssl.SSLContext, server_name: str) -> Iterator[ssl.SSLSocket]:
        with self._errors(), socket.create_connection((self.host, self.port), self.timeout_s) as raw:
            if self.scheme == "postgres":
                self._ask_postgres(raw)
            with context.wrap_socket(raw, server_hostname=server_name) as shaken:
                yield shaken

    def _ask_postgres(self, raw: socket.socket) -> None:
        raw.sendall(_SSL_REQUEST)
        if raw.recv(1) != b"S":
            raise BrokenError(
                f"{self.host}:{self.port} offers no TLS", "set ssl = on and give the server a certificate", retry=False
            )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        place = f"{self.host}:{self.port}"
        try:
            yield
        except ssl.SSLCertVerificationError:
            raise
        except socket.gaierror as error:
            raise BrokenError(f"{self.host} does not resolve", "correct the address, or its DNS record", retry=True) from error
        except TimeoutError as error:
            raise BrokenError(f"{place} did not answer within {self.timeout_s:g} s", _LOOK, retry=True) from error
        except ssl.SSLError as error:
            raise BrokenError(f"{place}: no TLS handshake: {error.reason or error}", _LOOK, retry=True) from error
        except OSError as error:
            raise BrokenError(f"{place} does not answer: {error.strerror or error}", _LOOK, retry=True) from error


def _anything() -> ssl.SSLContext:
    """Accepts everything, so that it can be looked at."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _trusting(ca_file: str | None) -> ssl.SSLContext:
    """What a client trusts, whatever name and dates. Raises BrokenError when the file cannot be read."""
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise BrokenError(
            f"ca_file {ca_file} cannot be read: {error}", "give a PEM file that the workers have", retry=False
        ) from error
    context.check_hostname = False
    context.verify_flags = ssl.VerifyFlags(context.verify_flags | _NO_CHECK_TIME)
    return context


def _trusting_only(leaf: bytes) -> ssl.SSLContext:
    """Trusts this certificate and nothing else, so that only its names decide."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=leaf)
    context.verify_flags = ssl.VerifyFlags(context.verify_flags | ssl.VERIFY_X509_PARTIAL_CHAIN | _NO_CHECK_TIME)
    return context


def _chain(shaken: ssl.SSLSocket) -> list[bytes]:
    """Certificates in DER, as they were sent. Python gives them publicly from 3.13 on."""
    public: Callable[[], list[bytes]] | None = getattr(shaken, "get_unverified_chain", None)
    if public:
        return public()
    inner: Any = shaken._sslobj  # type: ignore[attr-defined]  # noqa: SLF001 - the one way before 3.13
    der = 2  # _ssl.ENCODING_DER
    return [each.public_bytes(der) for each in inner.get_unverified_chain()]


def _read(der: bytes) -> Shown:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    found = x509.load_der_x509_certificate(der)
    key: Any = found.public_key()
    algorithm = found.signature_hash_algorithm
    return Shown(
        subject=found.subject.rfc4514_string(),
        issuer=found.issuer.rfc4514_string(),
        serial=f"{found.serial_number:x}",
        not_before=found.not_valid_before_utc,
        not_after=found.not_valid_after_utc,
        names=_names(found),
        key=" ".join(
            [type(key).__name__.lstrip("_").removesuffix("PublicKey"), *([str(key.key_size)] if hasattr(key, "key_size") else [])]
        ),
        signature=algorithm.name if algorithm else "",
        sha256=found.fingerprint(hashes.SHA256()).hex(),
    )


def _names(found: Any) -> tuple[str, ...]:
    from cryptography import x509

    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return (*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress)))
