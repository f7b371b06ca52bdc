"""How bad an advisory says that it is: CVSS vectors of any version, or a word."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from upkeep.answer import Severity

_BANDS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM), (0.0, Severity.LOW))
_WORDS = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "important": Severity.HIGH,
    "moderate": Severity.MEDIUM,
    "medium": Severity.MEDIUM,
    "low": Severity.LOW,
    "negligible": Severity.LOW,
    "unimportant": Severity.LOW,
}


@dataclass(frozen=True, slots=True)
class Rating:
    """What one source says: a severity with the score and vector that it came from, or the problem with it."""

    source: str
    severity: Severity | None
    score: float | None = None
    vector: str = ""
    problem: str = ""


def ratings(source: str, found: Any, more: Any) -> tuple[Rating, ...]:
    """Every rating of an advisory: its vectors, else the word of its database. Empty when it has none: it is unrated."""
    entries = [entry for entry in found or () if isinstance(entry, Mapping)]
    made = tuple(_rating(source, str(entry.get("score", ""))) for entry in entries)
    if any(rating.severity is not None for rating in made):
        return made
    return (*made, *_words(source, more if isinstance(more, Mapping) else {}))


def worst(found: Iterable[Rating]) -> Rating | None:
    """The worst that any source says; None when none says anything."""
    rated = [rating for rating in found if rating.severity is not None]
    return max(rated, key=lambda rating: (rating.severity or 0, rating.score or 0.0), default=None)


def _words(source: str, more: Mapping[str, Any]) -> tuple[Rating, ...]:
    """Databases say it as `severity`, Debian as `urgency`."""
    labels = [str(more[name]).lower() for name in ("severity", "urgency") if isinstance(more.get(name), str)]
    return tuple(Rating(source, _WORDS[word]) for word in labels if word in _WORDS)


def _rating(source: str, score: str) -> Rating:
    """Which CVSS it is, the vector itself says: databases file vectors under the wrong version."""
    text = score.strip()
    if text.lower() in _WORDS:
        return Rating(source, _WORDS[text.lower()])
    try:
        base = _base_score(text)
    except Exception as error:  # noqa: BLE001 - the library raises what it likes; a vector that cannot be read is no rating
        return Rating(source, None, vector=text[:200], problem=f"{source}: no CVSS vector: {text[:80]} ({error})"[:200])
    return Rating(source, next(severity for least, severity in _BANDS if base >= least), base, text)


def _base_score(vector: str) -> float:
    from cvss import CVSS2, CVSS3, CVSS4

    if vector.startswith("CVSS:4."):
        return float(CVSS4(vector).base_score)
    return float((CVSS3 if vector.startswith("CVSS:3.") else CVSS2)(vector).scores()[0])
