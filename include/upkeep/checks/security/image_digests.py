"""The images that a repository builds on, and what the tag of each has now."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from upkeep.config.settings import Registry
from upkeep.errors import BrokenError
from upkeep.formats.dockerfile import base_images, is_dockerfile
from upkeep.formats.image_name import ImageName, image_name
from upkeep.formats.lockfiles.text import decoded, shown
from upkeep.sources.connections import Connections
from upkeep.sources.http_address import address_of
from upkeep.sources.image_registry import ImageRegistry, address_of_registry
from upkeep.sources.repository import Repository

_LIMIT = 10**6


class Pin(StrEnum):
    """How an image is pinned: `behind` when its tag has another digest now, `gone` when there is no such tag any more."""

    CURRENT = "current"
    BEHIND = "behind"
    GONE = "gone"
    OPEN = "open"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class Used:
    """One image with the places that name it; `now` is the digest that its tag has, None where that is not known."""

    name: ImageName
    places: tuple[str, ...]
    pin: Pin
    now: str | None = None


def images_of(files: Repository) -> tuple[dict[ImageName, tuple[str, ...]], list[str]]:
    """Every image with the places that name it, and what could not be told. Raises BrokenError when files cannot be listed."""
    found: dict[ImageName, list[str]] = {}
    untold: list[str] = []
    for path in filter(is_dockerfile, files.paths()):
        try:
            every = base_images(decoded(files.read(path, _LIMIT) or b""))
        except ValueError as error:
            untold.append(f"{path}: {error}")
            continue
        for each in every:
            name, place = image_name(each.name or ""), f"{path}:{each.line}"
            if name is None:
                why = "is no name of an image" if each.name else "is only known when it is built"
                untold.append(f"{place}: {shown(each.written)} {why}")
            else:
                found.setdefault(name, []).append(place)
    return {name: tuple(dict.fromkeys(places)) for name, places in found.items()}, untold


class Registries:
    """The registries of the inventory, each opened once and asked once for each tag."""

    def __init__(self, named: Sequence[Registry], connections: Connections) -> None:
        self._named, self._connections = {each.host: each for each in named}, connections
        self._open: dict[str, ImageRegistry] = {}
        self.untold: list[str] = []

    def used(self, name: ImageName, places: tuple[str, ...]) -> Used:
        """An image as it is pinned, by what its registry says where the inventory names it."""
        bare = Pin.CURRENT if name.digest else Pin.OPEN
        if name.tag is None:
            return Used(name, places, bare)
        try:
            return self._asked(name, places)
        except BrokenError as error:
            if name.digest or name.registry in self._named:
                self.untold.append(f"{name.text}: {error.reason}")
            return Used(name, places, Pin.UNTOLD if name.digest else Pin.OPEN)

    def _asked(self, name: ImageName, places: tuple[str, ...]) -> Used:
        registry, tag = self._registry(name.registry), name.tag or ""
        now = registry.digest(name.repository, tag)
        if now is None:
            return Used(name, places, Pin.GONE)
        if name.digest is None:
            return Used(name, places, Pin.OPEN, now)
        current = name.digest == now or name.digest in registry.platforms(name.repository, tag)
        return Used(name, places, Pin.CURRENT if current else Pin.BEHIND, now)

    def _registry(self, host: str) -> ImageRegistry:
        if host not in self._named:
            raise BrokenError(f"the inventory does not name {host} under registries", retry=False)
        if host not in self._open:
            connection = self._named[host].connection
            login = address_of(self._connections, connection) if connection else None
            self._open[host] = ImageRegistry(address_of_registry(host, login))
        return self._open[host]
