"""What GitHub and GitLab have in common as places of deployments."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import Field

from upkeep.delivery.place import DeploymentPlace
from upkeep.errors import BrokenError
from upkeep.field_types import ConnectionId, Link, Seconds
from upkeep.sources.connections import Connections
from upkeep.sources.forge import FileForge, Forge, Item
from upkeep.sources.forge_api import ForgeApi
from upkeep.sources.git.login import login_of


class ForgePlace(DeploymentPlace):
    """A repository on a forge, read over its API or from files with the API's answers."""

    api: Link = Field(description="Address of the API")
    connection: ConnectionId | None = Field(
        default=None, description="Airflow connection with a token as its password, or that opens `files`"
    )
    files: str | None = Field(
        default=None, min_length=1, description="Folder or bucket with the API's answers as files, instead of the API"
    )
    longest: Seconds = Field(default=7 * 86_400, description="How long after its begin a deployment may get its last status")

    @contextmanager
    def asked(self, connections: Connections, below: str) -> Iterator[Forge]:
        """The forge while inside; `below` is the path of the repository."""
        if self.files is not None:
            yield FileForge(connections.objects(self.files, self.connection))
            return
        with ForgeApi(f"{self.api.rstrip('/')}/{below}", login_of(connections, self.connection).token) as api:
            yield api

    def newest_said(self, entries: Iterator[Item], number: str) -> str:
        """A line on the newest deployment, of which `number` is the field of its id."""
        first = next(entries, None)
        if first is None:
            return f"{self.described} can be read; none to {self.environment} yet"
        told = Told(self.described, first)
        newest = f"{told.text(number)} of {told.moment('created_at'):%Y-%m-%d}"
        return f"{self.described} can be read; the newest to {self.environment} is {newest}"

    @property
    def reach(self) -> timedelta:
        """`longest` as a span."""
        return timedelta(seconds=self.longest)


@dataclass(frozen=True, slots=True)
class Told:
    """One object of an answer, read by fields that must be there."""

    where: str
    fields: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A text or number as text. Raises BrokenError when there is none."""
        value = self.fields.get(name)
        if not isinstance(value, str | int) or value == "":
            raise BrokenError(
                f"{self.where} tells a deployment without {name}", "see that it is an answer of the API", retry=False
            )
        return str(value)

    def maybe(self, *names: str) -> str | None:
        """A text in objects inside one another; None when any of them is missing."""
        found: Any = self.fields
        for name in names:
            found = found.get(name) if isinstance(found, Mapping) else None
        return found if isinstance(found, str) and found else None

    def moment(self, name: str) -> datetime:
        """A time. Raises BrokenError when there is none."""
        return self._parsed(name, self.text(name))

    def maybe_moment(self, *names: str) -> datetime | None:
        """A time that may be missing."""
        text = self.maybe(*names)
        return None if text is None else self._parsed(names[-1], text)

    def _parsed(self, name: str, text: str) -> datetime:
        try:
            found = datetime.fromisoformat(text)
        except ValueError as error:
            raise BrokenError(f'{self.where} tells {name} as "{text[:40]}", no time', "", retry=False) from error
        return found if found.tzinfo else found.replace(tzinfo=UTC)
