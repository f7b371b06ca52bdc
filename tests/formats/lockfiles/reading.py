"""Reading lockfiles in tests: files beside from a mapping, and packages by what matters of them."""

from collections.abc import Mapping
from textwrap import dedent

from upkeep.formats.lockfiles.registry import UnreadableError, read
from upkeep.formats.package import Package, Reading


def read_text(path: str, text: str | bytes, beside: Mapping[str, str] | None = None) -> Reading:
    """The reading of a file at this path with this text; `beside` are the other files, by path from its folder."""
    files = dict(beside or {})

    def open_beside(wanted: str) -> bytes | None:
        if wanted.startswith(("/", "..")):
            raise UnreadableError("leads out of the repository")
        found = files.get(wanted)
        return None if found is None else dedent(found).encode()

    return read(path, text if isinstance(text, bytes) else dedent(text).encode(), open_beside)


def by_name(reading: Reading) -> dict[str, Package]:
    """Its packages by name, of a file that could be read whole and has no name twice."""
    assert reading.incomplete == ()
    found = {package.name: package for package in reading.packages}
    assert len(found) == len(reading.packages)
    return found


def pins(reading: Reading) -> list[tuple[str, str | None]]:
    """Names and versions of a file that could be read whole, sorted."""
    assert reading.incomplete == ()
    return sorted(((package.name, package.version) for package in reading.packages), key=str)
