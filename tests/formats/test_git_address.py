"""Addresses of git repositories: every spelling of one is one, and no login is left in any."""

import pytest

from upkeep.formats.git_address import repository_of

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
