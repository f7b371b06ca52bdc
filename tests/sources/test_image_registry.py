"""A registry of images: which digest a tag has, with each kind of login, and what is said when it cannot be asked."""

from collections.abc import Iterator

import pytest

from tests.image_registry import Images, images
from upkeep.errors import BrokenError
from upkeep.sources.http_address import HttpAddress
from upkeep.sources.image_registry import ImageRegistry, address_of_registry


@pytest.fixture
def here() -> Iterator[Images]:
    """One with the image team/app:1."""
    with images() as server:
        server.put("team/app:1", "amd64", "arm64")
        yield server


def opened(here: Images, user: str | None = None, password: str | None = None) -> ImageRegistry:
    return ImageRegistry(HttpAddress(f"http://{here.host}", user, password), wait=lambda _: None)


@pytest.mark.parametrize("quiet", [False, True])
def test_the_digest_of_a_tag(here: Images, quiet: bool) -> None:  # noqa: FBT001 - a case
    here.quiet = quiet
    assert opened(here).digest("team/app", "1") == here.put("team/app:1", "amd64", "arm64")
    assert opened(here).digest("team/app", "2") is None
    assert {method for method, _, _ in here.calls} == ({"HEAD", "GET"} if quiet else {"HEAD"})


def test_the_platforms_of_a_tag(here: Images) -> None:
    listed = {one["digest"] for one in here.manifests["team/app:1"]["manifests"]}
    assert opened(here).platforms("team/app", "1") == listed
    here.manifests["team/app:1"] = {"config": {}}
    assert opened(here).platforms("team/app", "1") == frozenset()


@pytest.mark.parametrize("wants", ["basic", "bearer"])
def test_a_login_is_given_where_it_is_wanted(here: Images, wants: str) -> None:
    here.wants = wants
    registry = opened(here, "ann", "secret")
    assert registry.digest("team/app", "1") == registry.digest("team/app", "1")
    assert here.calls[0][2] is None, "nobody is told a login who does not want one"
    assert len(here.calls) == {"basic": 3, "bearer": 4}[wants]


@pytest.mark.fault
@pytest.mark.parametrize("wants", ["basic", "bearer"])
def test_a_wrong_login_is_said_without_it(here: Images, wants: str) -> None:
    here.wants = wants
    with pytest.raises(BrokenError) as caught:
        opened(here, "ann", "wrong-word").digest("team/app", "1")
    assert "401" in caught.value.reason
    assert "wrong-word" not in caught.value.reason


@pytest.mark.fault
def test_a_login_does_not_leave_tls(here: Images) -> None:
    here.wants, here.realm = "bearer", "ftp://elsewhere/token"
    with pytest.raises(BrokenError, match="names no safe service of tokens"):
        opened(here, "ann", "secret").digest("team/app", "1")


def test_a_busy_one_is_asked_again_and_one_that_is_away_is_said(here: Images) -> None:
    here.busy = 2
    assert opened(here).digest("team/app", "1")
    here.busy = 99
    with pytest.raises(BrokenError, match="did not answer in 3 tries"):
        opened(here).digest("team/app", "1")


@pytest.mark.parametrize(
    ("host", "address"),
    [("docker.io", "https://registry-1.docker.io"), ("ghcr.io", "https://ghcr.io"), ("localhost:5000", "http://localhost:5000"),
     ("registry.example:5000", "https://registry.example:5000")],
)  # fmt: skip
def test_where_a_registry_answers(host: str, address: str) -> None:
    assert address_of_registry(host).url == address
    assert address_of_registry(host, HttpAddress("http://mirror")).url == "http://mirror"
