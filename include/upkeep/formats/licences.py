"""Licences of packages against a policy: SPDX expressions, exceptions, choices, and the ways in which metadata spells them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

_LONGEST = 300  # a licence whose name is longer is its text
_PARTS = re.compile(r"(\s+(?:OR|AND|WITH|or|and|with)\s+|[()])")
_CUSTOM = ("LicenseRef-", "DocumentRef-")


class Verdict(IntEnum):
    """What the policy says; ordered, so that the worst of several is their maximum."""

    ALLOW = 0
    REVIEW = 1
    UNKNOWN = 2
    DENY = 3


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict on a licence: `expression` as SPDX spells it (None when it cannot be read), and why."""

    verdict: Verdict
    expression: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Policy:
    """
    Patterns of licences by verdict, and packages that are accepted whatever theirs is, each with the reason.

    A licence itself wins over a pattern with stars, and a longer pattern over a shorter one. One that fits none is for review.
    """

    verdicts: Mapping[str, Verdict]
    accepted: Mapping[str, str]
    spellings: Mapping[str, str]

    def of(self, name: str) -> Verdict:
        """The verdict on one licence, or on one with an exception: what is said of the pair, else of the licence alone."""
        for each in (name, name.partition(" WITH ")[0]):
            if each in self.verdicts:
                return self.verdicts[each]
            fitting = [pattern for pattern in self.verdicts if "*" in pattern and fnmatchcase(each, pattern)]
            if fitting and (each == name or " WITH " not in max(fitting, key=len)):
                return self.verdicts[max(fitting, key=len)]
        return Verdict.REVIEW


def policy(document: Mapping[str, Any]) -> Policy:
    """Read a policy. Raises ValueError when something in it cannot be read, or a licence has two verdicts."""
    verdicts: dict[str, Verdict] = {}
    for word, verdict in (("allow", Verdict.ALLOW), ("review", Verdict.REVIEW), ("deny", Verdict.DENY)):
        for name in document.get(word) or ():
            if verdicts.setdefault(str(name), verdict) is not verdict:
                raise ValueError(f"{name} has two verdicts")
    if unknown := set(document) - {"allow", "review", "deny", "accepted", "spellings"}:
        raise ValueError(f"{', '.join(sorted(map(str, unknown)))} is no part of a policy")
    spellings = {str(text).lower(): str(name) for name, texts in (document.get("spellings") or {}).items() for text in texts}
    accepted = {str(package).lower(): str(why) for package, why in (document.get("accepted") or {}).items()}
    return Policy(verdicts, accepted, spellings)


def judge(rules: Policy, package: str, licence: str | None) -> Judged:
    """The verdict on a package with this licence, as its metadata or lockfile says it; None when nothing does."""
    if why := rules.accepted.get(package.lower()):
        return Judged(Verdict.ALLOW, licence, f"accepted: {why}")
    if licence is None:
        return Judged(Verdict.UNKNOWN, None, "no licence is said")
    parsed = _parsed(_spelled(licence.strip(), rules.spellings))
    if parsed is None:
        text = " ".join(licence.split())
        shown = text if len(text) <= _LONGEST // 5 else text[: _LONGEST // 5] + "…"
        return Judged(Verdict.UNKNOWN, None, f'"{shown}" is no licence that SPDX knows')
    return Judged(_verdict(rules, parsed), str(parsed), str(parsed))


def _verdict(rules: Policy, parsed: Any) -> Verdict:
    """Of a choice the best that may be taken, of what holds together the worst."""
    operator = getattr(parsed, "operator", "").strip()
    if operator in {"OR", "AND"}:
        parts = [_verdict(rules, part) for part in parsed.args]
        return min(parts) if operator == "OR" else max(parts)
    return rules.of(str(parsed))


def _spelled(text: str, spellings: Mapping[str, str]) -> str:
    """The text with every part that metadata spells in words put as SPDX does; "A/B" is a choice, as Cargo writes it."""
    if len(text) > _LONGEST:
        return text
    if text.lower() in spellings:
        return spellings[text.lower()]
    parts = [spellings.get(part.strip().lower(), part) for part in _PARTS.split(text)]
    put = "".join(parts)
    return " OR ".join(spellings.get(p.strip().lower(), p.strip()) for p in put.split("/")) if "/" in put else put


@cache
def _licensing() -> Any:
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()


def _parsed(text: str) -> Any | None:
    """The expression; None when it is none, or a licence of it is neither of the list of SPDX nor called LicenseRef."""
    from license_expression import ExpressionError

    if not text or len(text) > _LONGEST:
        return None
    try:
        found = _licensing().parse(text)
        unknown: Iterable[str] = _licensing().unknown_license_keys(found)
    except (ExpressionError, AttributeError, TypeError, ValueError):
        return None
    return found if found is not None and all(key.startswith(_CUSTOM) for key in unknown) else None
