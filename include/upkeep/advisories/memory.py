"""What was seen of faults before: under which name, and since when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from upkeep.advisories.found import Found
from upkeep.answer import Json


@dataclass(frozen=True, slots=True)
class Seen:
    """
    One fault of one package as it is known here.

    The title is the name by which it was first seen: a fault that gets a CVE later stays the same finding. A lockfile that moves
    or is renamed changes nothing either, since no file is part of it.
    """

    subject: str
    title: str
    names: frozenset[str]
    first_seen: datetime

    @property
    def object(self) -> str:
        """What a finding of it is about: "requests (PyPI) CVE-2024-35195"."""
        return f"{self.subject} {self.title}"


class Memory:
    """The faults that the last answer left behind."""

    def __init__(self, state: Json | None) -> None:
        """Takes what `state_of` made; anything else is as good as nothing."""
        entries = (state or {}).get("faults") or []
        self._seen = [
            Seen(e["subject"], e["title"], frozenset(e["names"]), datetime.fromisoformat(e["first_seen"])) for e in entries
        ]
        self._given: set[str] = set()

    def of(self, found: Found, at: datetime) -> Seen:
        """A fault as it was first seen; new ones are first seen now. Where one has become two, only one keeps the title."""
        before = [seen for seen in self._seen if seen.subject == found.subject and seen.names & found.fault.names]
        first = min(before, key=lambda seen: (seen.first_seen, seen.title), default=None)
        title = first.title if first and first.object not in self._given else found.fault.title
        made = Seen(found.subject, title, found.fault.names, first.first_seen if first else at)
        self._given.add(made.object)
        return made


def state_of(seen: Iterable[Seen]) -> Json:
    """What to remember of these."""
    return {
        "faults": [
            {"subject": s.subject, "title": s.title, "names": sorted(s.names), "first_seen": s.first_seen.isoformat()}
            for s in seen
        ]
    }
