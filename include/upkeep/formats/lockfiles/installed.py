"""What the readers of package databases share: the distribution that an unpacked image, or a machine, is of."""

from upkeep.formats.lockfiles.registry import Beside, UnreadableError
from upkeep.formats.lockfiles.text import decoded
from upkeep.formats.os_release import OsRelease, os_release

_PLACES = ("etc/os-release", "usr/lib/os-release")
_ROOTS = ("../../../", "../../../../")
NOT_KNOWN = "advisories are filed by release, so none can be matched"


def release_beside(open_beside: Beside, up: str, default: str) -> tuple[str, tuple[str, ...]]:
    """
    The ecosystem that etc/os-release says, and why it cannot be known.

    `up` leads from the folder of the database to the root ("../../../"), `default` is the name without a release.
    """
    try:
        found = _read(open_beside, up)
    except (ValueError, UnreadableError) as error:
        return default, (f"etc/os-release: {error}; {NOT_KNOWN}",)
    if found is None:
        return default, (f"etc/os-release is missing: {NOT_KNOWN}",)
    return found.ecosystem, () if found.known else (f"{found.pretty} is a release that is not known: {NOT_KNOWN}",)


def root_beside(open_beside: Beside) -> str:
    """Where the root of the system is, from the folder of a database that lies three or four folders deep."""
    return next((up for up in _ROOTS if any(_is_there(open_beside, up + place) for place in _PLACES)), _ROOTS[0])


def _is_there(open_beside: Beside, path: str) -> bool:
    try:
        return bool(open_beside(path))
    except UnreadableError:  # above the repository's top
        return False


def _read(open_beside: Beside, up: str) -> OsRelease | None:
    for place in _PLACES:
        raw = open_beside(up + place)
        if raw and b"=" in raw:
            return os_release(decoded(raw))
    return None
