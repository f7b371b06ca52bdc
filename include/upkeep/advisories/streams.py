"""RPM modules: several streams of one package, each mended by itself."""

import re

_MODULE = ".module"
_NUMBERS = re.compile(r"[\d.]+")


def in_stream(label: str, version: str, stream: str | None) -> bool:
    """
    Whether an advisory of a module's stream ("postgresql:12") is about this version, of this stream where it is known.

    Versions do not name their stream. A stream called by a number is that of the versions that begin with it; any other may be
    the version's, so that the advisory counts.
    """
    wanted = label.split(":")[1:2]
    if not wanted:
        return True
    if stream:
        return stream.split(":")[:2] == label.split(":")[:2]
    if _MODULE not in version:
        return False
    upstream = version.rpartition(":")[2]
    return not _NUMBERS.fullmatch(wanted[0]) or f"{upstream}.".startswith(f"{wanted[0]}.")
