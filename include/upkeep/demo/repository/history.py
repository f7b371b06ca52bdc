"""The history of the shop's lockfiles, as `history.yaml` tells it: what stood in each file after each change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

FIRST_DAY = 730
"""The first commit is made this many days before the demo starts."""
LANGUAGES = ("python", "npm", "image")


@dataclass(frozen=True, slots=True)
class Project:
    """What one lockfile holds at one moment. `needs` names what each package needs, by its name."""

    language: str
    file: str
    name: str
    uses: Sequence[str]
    develops_with: Sequence[str]
    needs: Mapping[str, Sequence[str]]
    versions: Mapping[str, str]

    def in_production(self) -> set[str]:
        """The packages that the product itself brings along, directly or through others."""
        found: set[str] = set()
        todo = list(self.uses)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += self.needs.get(name, ())
        return found


@dataclass(frozen=True, slots=True)
class Change:
    """One commit: when, what its message says, and the project as it then is."""

    at: datetime
    subject: str
    project: Project


def changes(start: datetime) -> Iterator[Change]:
    """Every commit in the order of time. `start` is the moment at which the demo starts."""
    told: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("history.yaml").read_text(encoding="utf-8"))
    projects = {language: _project(language, told[language]) for language in LANGUAGES}
    for language, project in projects.items():
        yield Change(start - timedelta(days=FIRST_DAY), f"The shop's {language} packages, locked", project)
    for each in told["changes"]:
        project = projects[each["of"]]
        unknown = sorted(each["set"].keys() - project.versions.keys())
        if unknown:
            raise ValueError(f"history.yaml: a change of day {each['day']} sets {', '.join(unknown)}, which nothing uses")
        projects[each["of"]] = project = replace(project, versions={**project.versions, **_texts(each["set"])})
        yield Change(start - timedelta(days=each["day"]), each["subject"], project)


def _project(language: str, told: Mapping[str, Any]) -> Project:
    return Project(
        language, told["file"], told["project"], told["uses"], told["develops_with"], told["needs"], _texts(told["versions"])
    )


def _texts(versions: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(version) for name, version in versions.items()}
