"""Features by their records, and which numbers are about them."""

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from upkeep.delivery.gates import STAGES
from upkeep.reports.feature_use.measure import Measure
from upkeep.sources.rows import Rows
from upkeep.window import Window

_STAGING, _LIVE = STAGES.index("staging"), STAGES.index("live")


@dataclass(frozen=True, slots=True)
class FeatureFile:
    """A feature as its record has it."""

    repository: str
    path: str
    feature: str
    stage: str
    owner: str | None
    missing: list[str]

    @property
    def word(self) -> str:
        """What the names of its numbers begin with: the name of its file."""
        name = posixpath.basename(self.path).removesuffix(".md").lower()
        return re.sub(r"[^a-z0-9]+", "_", name).strip("_")

    @property
    def live(self) -> bool:
        """Whether it should be in use."""
        return STAGES.index(self.stage) >= _LIVE

    @property
    def early(self) -> bool:
        """Whether nobody should use it yet."""
        return STAGES.index(self.stage) < _STAGING

    @property
    def usage_passed(self) -> bool:
        """Whether its record says that its use is known."""
        return self.stage == "done" and "usage" not in self.missing


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature with the numbers that are about it."""

    record: FeatureFile
    measures: tuple[Measure, ...]

    @property
    def used(self) -> bool | None:
        """Whether any of its numbers was above zero; None where none is, and not all are known."""
        known = [each.used for each in self.measures]
        return True if any(known) else None if None in known or not known else False

    @property
    def said(self) -> str:
        """The verdict, and what its record says otherwise."""
        record = self.record
        if not self.measures:
            return "not measured" + (", though its gate usage is passed" if record.usage_passed else "")
        if self.used is None:
            return "unknown: a number has no value in the month"
        if not self.used:
            return "not used" + (", though its gate usage is passed" if record.usage_passed else "")
        if record.early:
            return f"used, though its stage is {record.stage}"
        return "used" + (", though its gate usage is not passed" if "usage" in record.missing else "")

    @property
    def wrong(self) -> bool:
        """Whether somebody should look at it."""
        return self.said != "used"


def features(rows: Rows, window: Window, every: Sequence[Measure]) -> list[Feature]:
    """Those that are live or have a number, with what is about each. Raises BrokenError."""
    records = rows(__file__, FeatureFile, {"end": window.end})
    about: dict[str, list[Measure]] = {record.word: [] for record in records if record.word}
    for each in every:
        words = [word for word in about if f"{each.name}_".startswith(f"{word}_")]
        if words:
            about[max(words, key=len)].append(each)
    found = [Feature(record, tuple(about.get(record.word, ()))) for record in records]
    return [each for each in found if each.record.live or (each.measures and (each.used or not each.record.early))]
