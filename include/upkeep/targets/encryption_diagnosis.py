"""Judging how a session is encrypted: pure, so that every diagnosis can be tried without a server."""

from upkeep.sources.encryption import Encryption
from upkeep.targets.diagnosis import Diagnosis, Level

_VERIFIED = frozenset({"verify-ca", "verify-full"})
_REMEDY = (
    'add to the connection\'s extras {"sslmode": "verify-full", "sslrootcert": "/path/to/ca.pem"}, or "system" for a public CA'
)


def encryption(subject: str, found: Encryption, where: str = "") -> Diagnosis:
    """
    `no` when data cross a network unprotected and nobody decided that; a note when TLS is on, but not demanded or not verified.

    A note too when `sslmode` says that there is to be no TLS, or when the session stays on this machine.
    """
    level, text, remedy = _judged(found)
    return Diagnosis(
        subject=subject, about="encryption", level=level, text=text, remedy=remedy, where=where, field="connection"
    )  # fmt: skip


def _judged(found: Encryption) -> tuple[Level, str, str]:
    if found.protocol:
        return _protected(found)
    if found.local:
        return Level.NOTE, "not encrypted; it does not leave this machine", ""
    if found.mode == "disable" and found.chosen:
        return Level.NOTE, "not encrypted: the connection says sslmode=disable", _REMEDY
    return Level.NO, f"not encrypted: sslmode={found.mode} does not demand TLS, and the server did not offer it", _REMEDY


def _protected(found: Encryption) -> tuple[Level, str, str]:
    if found.protocol == "GSSAPI":
        return Level.OK, "encrypted by GSSAPI", ""
    if found.mode in _VERIFIED:
        return Level.OK, f"{found.protocol}, the server's certificate is verified (sslmode={found.mode})", ""
    if found.mode == "require":
        return Level.NOTE, f"{found.protocol}, but who the server is is not verified (sslmode=require)", _REMEDY
    whose = "" if found.chosen else "libpq's own "
    return Level.NOTE, f"{found.protocol}, but TLS is neither required nor verified ({whose}sslmode={found.mode})", _REMEDY
