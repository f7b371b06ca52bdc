"""A client's TLS certificate by overlap: the authority signs the next one, both are valid, then the old one is revoked."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.client_certificate import Pair, is_admitted, is_valid_now, names_of, read_pair, request_like, stranger_like
from upkeep.rotation.run_command import run_command
from upkeep.rotation.secret_value import SecretValue
from upkeep.rotation.service import KeepsNothing, Kind, RefusedError, Service, Use
from upkeep.sources.connections import Connections


class TlsClientCertificateKind(Kind):
    """A certificate and its key as PEM. The key is made here and leaves only into the store; the authority is two commands."""

    kind: Literal["tls_client_certificate"]
    sign: tuple[str, ...] = Field(min_length=1, description="Reads a request (PEM) and prints the certificate, with its chain")
    revoke: tuple[str, ...] = Field(min_length=1, description="Reads a certificate (PEM), and lets the server refuse it")
    host: str = Field(description="A server that asks for the certificate, where it is tried")
    port: int = Field(gt=0, lt=65536, description="Its port; it speaks TLS from the first byte")
    authority: str = Field(description="File of certificates by which that server is proven")
    certificate: str = Field(default="tls.crt", description="Field of the secret that has the certificate")
    key: str = Field(default="tls.key", description="Field of the secret that has the key")
    timeout_s: float = Field(default=60, gt=0, le=600, description="Longest run of one command, seconds")

    @field_validator("sign", "revoke")
    @classmethod
    def _whole_path(cls, args: tuple[str, ...]) -> tuple[str, ...]:
        if not Path(args[0]).is_absolute():
            raise ValueError("give the program's whole path, beginning with /")
        return args

    @property
    def described(self) -> str:
        """Where it is shown."""
        return f"a client's certificate for {self.host}:{self.port}"

    def open(self, connections: Connections) -> Service:  # noqa: ARG002 - the commands have their own
        """The authority's commands, and the server."""
        return ClientCertificates(self)


@dataclass(frozen=True, slots=True)
class ClientCertificates(KeepsNothing):
    """
    Certificates of one subject. Any that the authority signed is accepted until it is revoked or expires.

    A certificate that a killed run could not store is of no use to anybody, since its key was never kept.
    """

    kind: TlsClientCertificateKind
    run: Callable[[Sequence[str], str, float], str] = run_command

    def identity(self, value: SecretValue) -> str:
        """Subject and serial number."""
        return self._pair(value).name

    def separate(self, old: SecretValue, current: SecretValue) -> bool:
        """Another certificate."""
        return self._pair(old).leaf.serial_number != self._pair(current).leaf.serial_number

    def check(self, current: SecretValue) -> None:
        """
        The server must accept the current one, unless it has expired, and refuse one that nobody signed.

        Else it could not be told whether a new one works, nor whether an old one is dead.
        """
        pair, place = self._pair(current), f"{self.kind.host}:{self.kind.port}"
        if is_valid_now(pair.leaf) and not self._lets_in(pair):
            raise CannotAskError(f"{place} refuses the current certificate", "put the one that works into its store")
        with suppress(BrokenError):  # some end the connection instead of an alert: it is not let in
            if all(self._lets_in(stranger_like(pair)) for _ in range(3)):  # a busy server's refusal may be late
                message = f"{place} lets in a client whose certificate no authority signed, so that it proves nothing"
                raise CannotAskError(message, "have the server ask for certificates and verify them, or name one that does")

    def propose(self, current: SecretValue) -> SecretValue:
        """A new key, and what the authority signed for it."""
        key_pem, request = request_like(self._pair(current))
        chain = self.run(self.kind.sign, request, self.kind.timeout_s)
        if not chain.strip():
            raise CannotAskError(f"{self.kind.sign[0]} printed nothing where a certificate is expected", _AUTHORITY)
        made = current.replaced(**{self.kind.key: key_pem, self.kind.certificate: chain})
        try:
            self.accepts(made, current)
        except CannotAskError as error:
            raise CannotAskError(f"what {self.kind.sign[0]} printed is not taken: {error}", _AUTHORITY) from None
        new, old = self._pair(made).leaf, self._pair(current).leaf
        if new.not_valid_after_utc <= old.not_valid_after_utc:
            ends = f"{new.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
            raise CannotAskError(f"the next certificate would end at {ends}, not after the current one", _AUTHORITY)
        return made

    def accepts(self, pending: SecretValue, current: SecretValue) -> None:
        """One of the same subject and names that is valid now."""
        new, old = self._pair(pending).leaf, self._pair(current).leaf
        if new.subject != old.subject or names_of(new) != names_of(old):
            raise CannotAskError(f"the certificate for {old.subject.rfc4514_string()} has another subject or names", _AUTHORITY)
        if not is_valid_now(new):
            when = f"from {new.not_valid_before_utc:%Y-%m-%d %H:%M} to {new.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
            raise CannotAskError(f"what is pending is valid {when}, which is not now", _AUTHORITY)

    def install(self, pending: SecretValue) -> None:
        """It works since it was signed; one that was revoked is of no use."""
        if not self._admitted(pending):
            raise RefusedError(f"{self.kind.host} refuses {self.identity(pending)}", "another one is signed")

    def prove(self, pending: SecretValue, current: SecretValue) -> None:  # noqa: ARG002 - rights go by the subject
        """A handshake with the server."""
        if not self._admitted(pending):
            raise BrokenError(f"{self.kind.host} refuses {self.identity(pending)}", retry=True, tries=2)

    def uses(self, old: SecretValue, since: datetime) -> Sequence[Use]:  # noqa: ARG002 - nobody knows
        """Nobody can say."""
        return ()

    def retire(self, old: SecretValue, *, end_sessions: bool) -> None:  # noqa: ARG002 - the command decides
        """Run `revoke` with the certificate; its key stays here."""
        self.run(self.kind.revoke, self._pair(old).chain_pem, self.kind.timeout_s)

    def is_dead(self, old: SecretValue) -> bool:
        """Whether the server refuses it."""
        return not self._admitted(old)

    def _admitted(self, value: SecretValue) -> bool:
        return self._lets_in(self._pair(value))

    def _lets_in(self, pair: Pair) -> bool:
        return is_admitted(self.kind.host, self.kind.port, self.kind.authority, pair)

    def _pair(self, value: SecretValue) -> Pair:
        return read_pair(value.get(self.kind.certificate), value.get(self.kind.key))


_AUTHORITY = "see what the command of `sign` makes of a request"
