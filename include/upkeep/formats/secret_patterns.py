"""
What looks like a secret in a text: tokens by the form that their makers gave them, and values that stand behind telling words.

Forms are those that the makers document or that their own tools print. What is said of a find is its kind and its line.
"""

import base64
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

LEAST_BITS, SHORTEST = 3.5, 12
_FEW_LETTERS = 6


@dataclass(frozen=True, slots=True)
class Spotted:
    """One possible secret. `certain` is one that nothing else looks like; its text is never shown."""

    kind: str
    line: int
    certain: bool
    text: str = field(repr=False)


_TOKENS = {
    "AWS access key id": r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
    "GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_[A-Za-z0-9_]{60,251})\b",
    "GitLab token": r"\bgl(?:pat|dt|rt|ptt|cbt)-[A-Za-z0-9_-]{20,200}",
    "Slack token": r"\bxox[abeoprs]-[0-9A-Za-z-]{20,250}",
    "Slack webhook": r"https://hooks\.slack\.com/(?:services|workflows)/T[A-Z0-9]{6,}/[A-Z0-9]{6,}/[A-Za-z0-9]{16,}",
    "Stripe key": r"\b[rs]k_live_[0-9A-Za-z]{20,250}",
    "npm token": r"\bnpm_[A-Za-z0-9]{36}\b",
    "PyPI token": r"\bpypi-AgE[A-Za-z0-9_-]{50,1000}",
    "JSON Web Token": r"\beyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{20,2000}",
}
_UNCERTAIN = {
    "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\n|\s)+[A-Za-z0-9+/=:, \\\n\r-]{64}",
    "connection string with a password": r"\b[a-zA-Z][a-zA-Z0-9+.-]{1,30}://[^\s:/@'\"<>]{0,100}:([^\s:/@'\"<>]{6,200})@[^\s/@'\"<>]+",
    "secret behind a telling name": (
        r"(?i)\b[\w.-]{0,40}(?:password|passwd|pwd|secret|token|api_?key|access_?key|private_?key|credentials?)[\w.-]{0,20}"
        r"[\"']?[ \t]{0,4}(?::=|=>|=|:)[ \t]{0,4}([\"']?)([^\s\"'`,;]{8,300})\1"
    ),
}
_TOKEN = {kind: re.compile(pattern) for kind, pattern in _TOKENS.items()}
_OTHER = {kind: re.compile(pattern) for kind, pattern in _UNCERTAIN.items()}
_PLACEHOLDER = re.compile(
    r"(?i)example|change.?(?:me|it)|placeholder|dummy|sample|fake|mock|redacted|your[-_]|insert|replace|todo|xxxx|\*\*\*|\.\.\.|…"
    r"|123456|abcdef|foobar|^(?:my_?|the_?|a_?)?(?:pass|passwd|password|passw0rd|secret|hunter2|postgres|admin|root|default|test(?:ing)?"
    r"|token|key|user|foo|bar|none|null|true|false|undefined)[\d!]*$"
)
_REFERENCE = re.compile(
    r"[$<>{}()\[\]%]|\b(?:os|env|process|settings|config|self|ctx|vars?|secrets?|params?|args?|props)\.|::|->|^/|^\."
)
_HASH = re.compile(
    r"(?i)(?:sha\d*[-:=]|md5[-:=])?(?:[0-9a-f]{7,12}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|sha(?:256|384|512)-[A-Za-z0-9+/]+=*"
)
_PUBLIC = re.compile(r"(?i)ssh-(?:rsa|ed25519)|ecdsa-|public|MII[A-Za-z0-9+/]{20}")
_ALLOWED_HERE = re.compile(r"pragma: ?allowlist secret|gitleaks:allow|noqa: ?secret")


def spotted(text: str, *, doubtful: bool = True) -> Iterator[Spotted]:
    """Possible secrets by line; without `doubtful` only those of a form that nothing else has."""
    starts = [0, *(match.end() for match in re.finditer(r"\n", text))]
    for kind, pattern in _TOKEN.items():
        for match in pattern.finditer(text):
            if _token_counts(kind, match.group()):
                yield from _at(text, starts, kind, match.start(), match.group(), certain=True)
    for kind, pattern in _OTHER.items() if doubtful else ():
        for match in pattern.finditer(text):
            found = match.group(match.lastindex or 0)
            if _counts(kind, found):
                yield from _at(text, starts, kind, match.start(match.lastindex or 0), found, certain=False)


def entropy(text: str) -> float:
    """Shannon's bits a character."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values()) if text else 0.0


def _at(text: str, starts: list[int], kind: str, at: int, found: str, *, certain: bool) -> Iterator[Spotted]:
    from bisect import bisect_right

    line = bisect_right(starts, at)
    end = text.find("\n", at)
    if not _ALLOWED_HERE.search(text[starts[line - 1] : end if end >= 0 else len(text)]):
        yield Spotted(kind, line, certain, found)


def _token_counts(kind: str, found: str) -> bool:
    if kind == "JSON Web Token":
        return _is_jwt(found)
    return "EXAMPLE" not in found.upper() and len(set(found)) > _FEW_LETTERS and "XXXX" not in found.upper()


def _counts(kind: str, found: str) -> bool:
    if kind == "private key":
        return "ENCRYPTED" not in found and "..." not in found and entropy(found[-64:]) >= LEAST_BITS
    if _PLACEHOLDER.search(found) or _REFERENCE.search(found):
        return False
    if kind == "connection string with a password":
        return len(set(found)) >= _FEW_LETTERS
    return _is_random(found)


def _is_random(found: str) -> bool:
    """Long, mixed, no hash, no public key, no words: what a generator makes."""
    if len(found) < SHORTEST or _HASH.fullmatch(found) or _PUBLIC.search(found):
        return False
    mixed = any(c.isdigit() for c in found) and any(c.isalpha() for c in found)
    return mixed and entropy(found) >= LEAST_BITS


def _is_jwt(found: str) -> bool:
    """A signed one: its header says by what."""
    header = found.partition(".")[0]
    try:
        fields = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    except ValueError:
        return False
    return isinstance(fields, dict) and str(fields.get("alg", "none")).lower() != "none"
