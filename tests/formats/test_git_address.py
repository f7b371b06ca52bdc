"""Addresses of git repositories: every spelling of one is one, and no login is left in any."""

import pytest

from upkeep.formats.git_address import archived, repository_of

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/U/a",
        "https://github.com/u/a.git",
        "https://github.com/u/a/",
        f"git+ssh://git@github.com/u/a.git#{COMMIT}",
        f"git+https://ann:s3cret@github.com/u/a.git@{COMMIT}",
        f"git+https://github.com/u/a.git@{COMMIT}#egg=a&subdirectory=x",
        f"https://github.com/u/a?rev=main#{COMMIT}",
        f"git+https://github.com/u/a?branch=main#{COMMIT}",
        "git@github.com:u/a.git",
        f"git+ssh://git@github.com:u/a.git#{COMMIT}",
        "https://git@github.com:U/a.git",
        "https://www.github.com/u/a",
        f"https://github.com/u/a/archive/{COMMIT}.zip",
        "https://github.com/u/a/archive/refs/tags/v1.0.tar.gz#sha256=00",
        "https://github.com/u/a/tarball/main",
        "ssh://git@github.com:22/u/a.git",
        "git://github.com/u/a",
        f"https://codeload.github.com/u/a/tar.gz/{COMMIT}",
        f"github:u/a#{COMMIT}",
        f"u/a#{COMMIT}",
    ],
)
def test_every_spelling_is_one(address: str) -> None:
    assert repository_of(address) == "github.com/u/a"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("gitlab:u/a", "gitlab.com/u/a"),
        ("https://git.example/team/sub/a.git", "git.example/team/sub/a"),
        ("http://127.0.0.1:8080/shop/.git", "127.0.0.1/shop"),
        ("/srv/a.git", ""),
        ("../a", ""),
        ("file:///srv/a.git", ""),
        ("https://github.com", ""),
        ("main", ""),
        ("", ""),
    ],
)
def test_others_are_others(address: str, told: str) -> None:
    assert repository_of(address) == told


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (f"https://github.com/u/a/archive/{COMMIT}.zip#egg=a", COMMIT),
        ("https://github.com/u/a/archive/refs/tags/v1.0.tar.gz", "v1.0"),
        (f"https://codeload.github.com/u/a/tar.gz/{COMMIT}", COMMIT),
        ("https://github.com/u/a/releases/download/v1/a-1.tar.gz", None),
        ("https://github.com/u/a.git", None),
    ],
)
def test_of_what_an_address_is_the_archive(address: str, told: str | None) -> None:
    assert archived(address) == told
