"""Alertmanager's silences, which are how people say that they have seen an alert."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from re import error as PatternError  # noqa: N812 - what it is
from re import fullmatch
from typing import Any

from upkeep.errors import BrokenError
from upkeep.sources.http_address import address_of
from upkeep.sources.http_json import HttpJson


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label; a label that is not there is empty."""

    name: str
    value: str
    regex: bool
    equal: bool

    def holds(self, labels: Mapping[str, str]) -> bool:
        """Whether it holds for these labels."""
        found = labels.get(self.name, "")
        try:
            same = fullmatch(self.value, found) is not None if self.regex else found == self.value
        except PatternError:  # a pattern of another dialect is taken to hold for nothing
            return False
        return same == self.equal


@dataclass(frozen=True, slots=True)
class Silence:
    """From when until when somebody silenced what."""

    start: datetime
    end: datetime
    by: str
    matchers: tuple[Matcher, ...]

    def covers(self, labels: Mapping[str, str], start: datetime, end: datetime) -> bool:
        """Whether it is about an alert that fired from one moment to another."""
        return self.start <= end and start < self.end and all(matcher.holds(labels) for matcher in self.matchers)


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """One server."""

    service: HttpJson

    def silences(self) -> tuple[Silence, ...]:
        """All that it still keeps, expired ones too, earliest first. Raises BrokenError."""
        every = self.service.get("/api/v2/silences")
        try:
            return tuple(
                sorted(
                    (_silence(each) for each in (every if isinstance(every, list) else [every])),
                    key=lambda silence: silence.start,
                )
            )
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            text = f"{self.service.described} does not answer as Alertmanager does ({type(error).__name__})"
            raise BrokenError(text, "give the address before /api/v2 in its connection", retry=False) from error


def open_alertmanager(connections: object, connection_id: str) -> Alertmanager:
    """The server behind a connection; nothing is asked yet."""
    return Alertmanager(HttpJson(address_of(connections, connection_id), "Alertmanager"))


def _silence(each: Mapping[str, Any]) -> Silence:
    return Silence(_time(each["startsAt"]), _time(each["endsAt"]), str(each.get("createdBy", "")), _matchers(each["matchers"]))


def _matchers(written: Sequence[Mapping[str, Any]]) -> tuple[Matcher, ...]:
    return tuple(
        Matcher(each["name"], each["value"], bool(each.get("isRegex")), bool(each.get("isEqual", True))) for each in written
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
