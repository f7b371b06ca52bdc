"""Lockfiles: which reader reads which file; whatever a reader does, the answer is a reading."""

import pytest

from upkeep.formats.lockfiles import registry
from upkeep.formats.lockfiles.registry import Beside, Reader, UnreadableError, read, reader_of, reads
from upkeep.formats.package import Reading


def nothing(_path: str) -> None:
    """Nothing stands beside."""


def good(_raw: bytes, _beside: Beside) -> Reading:
    return Reading(kind="good", packages=())


def use(monkeypatch: pytest.MonkeyPatch, *found: Reader) -> None:
    monkeypatch.setattr(registry, "readers", lambda: found)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("a.lock", "a.lock"),
        ("deep/down/a.lock", "a.lock"),
        ("a.lock.bak", None),
        ("xa.lock", None),
        ("A.LOCK", None),
        ("x.spdx.json", "spdx"),
        ("root/var/lib/dpkg/status", "dpkg"),
        ("var/lib/dpkg/status", "dpkg"),
        ("lib/dpkg/status", None),
        ("status", None),
        ("main.spdx.json", "main"),
    ],
)
def test_which_reader(monkeypatch: pytest.MonkeyPatch, path: str, kind: str | None) -> None:
    use(
        monkeypatch,
        reads("a.lock")(good),
        reads("*.spdx.json", kind="spdx")(good),
        reads("var/lib/dpkg/status", kind="dpkg")(good),
        reads("main.spdx.json", kind="main")(good),
    )
    found = reader_of(path)
    assert (found and found.kind) == kind


def test_a_file_that_no_reader_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, reads("a.lock")(good))
    with pytest.raises(KeyError):
        read("b.lock", b"", nothing)


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (UnreadableError("line 3: no text"), "line 3: no text"),
        (RecursionError(), "nested too deep to be read"),
        (MemoryError(), "takes more memory than there is"),
        (TypeError("what " * 100), "its reader failed (TypeError: what what"),
    ],
)
def test_what_a_reader_raises_makes_the_reading_incomplete(
    monkeypatch: pytest.MonkeyPatch, raised: Exception, message: str
) -> None:
    def bad(_raw: bytes, _beside: Beside) -> Reading:
        raise raised

    use(monkeypatch, reads("a.lock")(bad))
    reading = read("x/a.lock", b"", nothing)
    assert reading.packages == ()
    assert reading.incomplete[0].startswith(message)


def test_a_file_over_the_limit_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, reads("a.lock", limit=10**6)(good))
    assert read("a.lock", b" " * 10**6, nothing).incomplete == ()
    assert read("a.lock", b" " * (10**6 + 1), nothing).incomplete == ("1 MB, and files of up to 1 MB are read",)
