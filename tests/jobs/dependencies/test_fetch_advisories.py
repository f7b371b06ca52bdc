"""fetch_advisories: whole first, then what changed; killed at any call and run again it ends the same."""

import json
import zipfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.advisories.made import document
from tests.lab import asking
from upkeep.advisories import index
from upkeep.advisories.fetch import changes
from upkeep.advisories.index import FOLDER, SETTING, knowledge_about
from upkeep.advisories.knowledge import read_knowledge
from upkeep.answer import Answer, Status
from upkeep.config.inventory import Inventory
from upkeep.config.settings import AdvisoryPlace, Person, Settings
from upkeep.errors import BrokenError
from upkeep.formats.package import Package
from upkeep.jobs.dependencies.fetch_advisories import fetch_advisories
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.http_place import HttpPlace
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.sources.postgres import Endpoint
from upkeep.targets.system import System

PEOPLE = (Person(name="ann", role="security", slack="U012AB3CD"),)
KEV = "cveID,dateAdded,dueDate\nCVE-1,2026-05-01,2026-05-22\n"
EPSS = "#model\ncve,epss,percentile\nCVE-1,0.5,0.9\n"


class Opening(OneDatabase):
    """Connections that open this place whenever the kept one is asked for."""

    def __init__(self, place: ObjectStore | None) -> None:
        super().__init__(Endpoint("127.0.0.1", 1, "x", None, "x"))
        object.__setattr__(self, "place", place)

    def objects(self, url: str, connection_id: str | None) -> ObjectStore:  # noqa: ARG002 - no credentials are known
        """It, or what the URL says."""
        place: ObjectStore | None = self.place  # type: ignore[attr-defined]
        return place if place and url == place.url else open_store(url)


class World:
    """A source and a place, both folders."""

    def __init__(self, folder: Path) -> None:
        self.source, self.kept = folder / "source", folder / "kept"
        (self.source / "PyPI").mkdir(parents=True)
        (self.source / "kev.csv").write_text(KEV)
        (self.source / "epss.csv").write_text(EPSS)
        self.documents: dict[str, dict[str, Any]] = {}
        self.publish("A", "2026-01-01T00:00:00Z")
        self.publish("B", "2026-01-02T00:00:00.5Z")

    def publish(self, name: str, modified: str, *pairs: str) -> None:
        """One advisory, new or changed, as OSV's bucket would then be."""
        self.documents[name] = document(name, "it", *(pairs or ("introduced=0", "fixed=2")), modified=modified)
        place = self.source / "PyPI"
        (place / f"{name}.json").write_text(json.dumps(self.documents[name]))
        newest = sorted(self.documents.values(), key=lambda one: str(one["modified"]), reverse=True)
        (place / "modified_id.csv").write_text("".join(f"{one['modified']},{one['id']}\n" for one in newest))
        with zipfile.ZipFile(place / "all.zip", "w") as archive:
            for one in self.documents.values():
                archive.writestr(f"{one['id']}.json", json.dumps(one))

    @property
    def place(self) -> ObjectStore:
        """Where it is kept."""
        return open_store(self.kept.as_uri())

    def run(self, place: ObjectStore | None = None, *, dry_run: bool = False, **more: Any) -> Answer:
        """One run of the job."""
        usual = {"source": self.source.as_uri(), "ecosystems": "PyPI", "catalogue": f"{self.source.as_uri()}/kev.csv",
                 "epss": f"{self.source.as_uri()}/epss.csv", "dry_run": dry_run}  # fmt: skip
        target = System(owner="ann", thresholds={"fetch_advisories": {**usual, **more}})
        settings = Settings(people=PEOPLE, advisories=AdvisoryPlace(place=self.kept.as_uri()))
        return ask(asking(fetch_advisories, target, Opening(place)), {Inventory: Inventory(settings=settings, targets=())})

    def files(self) -> list[str]:
        """What is kept, but for the name of the index, which holds its digest."""
        return sorted("index" if name.startswith(FOLDER) else name for name in self.place.sizes())


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv(SETTING, str(tmp_path / "cache"))
    return World(tmp_path)


@pytest.mark.baseline
def test_everything_is_fetched_the_first_time(world: World) -> None:
    answer = world.run()
    assert (answer.status, answer.summary) == (Status.OK, "fetched PyPI: everything")
    assert world.files() == [
        "PyPI/20260102T000000500000Z.zip",
        "epss_scores.csv",
        "fetched.json",
        "index",
        "known_exploited_vulnerabilities.csv",
    ]
    known = read_knowledge(world.place)
    assert {one.id for one in known.advisories} == {"A", "B"}
    assert known.exploited
    assert known.epss == {"CVE-1": 0.5}
    assert datetime.now(UTC) - known.dated["PyPI"] < known.dated["PyPI"] - datetime(2020, 1, 1, tzinfo=UTC)


def test_then_only_what_changed_and_past_forms_stay(world: World) -> None:
    world.run()
    world.publish("B", "2026-03-01T00:00:00Z", "introduced=0", "fixed=9")
    world.publish("C", "2026-03-02T00:00:00Z")
    (world.source / "PyPI/all.zip").unlink()
    assert world.run().summary == "fetched PyPI: 2 changed"
    known = read_knowledge(world.place)
    assert sorted((one.id, one.affected[0].fixed) for one in known.advisories) == [
        ("A", ("2",)), ("B", ("2",)), ("B", ("9",)), ("C", ("2",))]  # fmt: skip


def test_the_index_that_is_kept_is_of_what_is_kept(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world.run()
    world.publish("C", "2026-03-02T00:00:00Z")
    world.run()
    assert len(world.place.at(FOLDER).sizes()) == 1
    monkeypatch.setenv(SETTING, str(tmp_path / "another worker"))
    monkeypatch.setattr(index, "write_index", pytest.fail)
    assert [one.id for one in knowledge_about(world.place, [Package("PyPI", "it", "1")]).advisories] == ["A", "B", "C"]


def test_an_index_that_went_is_kept_anew(world: World) -> None:
    world.run()
    world.place.at(FOLDER).delete_all()
    assert world.run().summary == "fetched PyPI: nothing new"
    assert "index" in world.files()


@pytest.mark.near_miss
def test_with_nothing_new_only_the_age_changes(world: World) -> None:
    world.run()
    before = world.files(), json.loads((world.kept / "fetched.json").read_text())
    assert world.run().summary == "fetched PyPI: nothing new"
    after = world.files(), json.loads((world.kept / "fetched.json").read_text())
    assert after[0] == before[0]
    assert after[1]["PyPI"] > before[1]["PyPI"]


@pytest.mark.near_miss
def test_a_dry_run_keeps_nothing(world: World) -> None:
    assert "would fetch PyPI: everything" in world.run(dry_run=True).summary
    assert not world.kept.exists()


class Killed(BaseException):
    """The process died."""


class Dying:
    """A file system that dies at its nth call."""

    def __init__(self, inner: Any, calls: int) -> None:
        self._inner, self._left = inner, calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def called(*args: Any, **more: Any) -> Any:
            self._left -= 1
            if self._left < 0:
                raise Killed
            return found(*args, **more)

        return called

    @property
    def alive(self) -> bool:
        """Whether it was never reached."""
        return self._left >= 0


def test_killed_at_any_call_and_run_again_it_ends_the_same(world: World, tmp_path: Path) -> None:
    whole = World(tmp_path / "other")
    whole.run()
    points = 0
    while True:
        dying = Dying(world.place.filesystem, points)
        with suppress(Killed):
            world.run(ObjectStore(dying, world.place.root, world.place.url))
        if dying.alive:
            break
        with suppress(BrokenError):
            assert len(read_knowledge(world.place).advisories) == 2, "what is there is whole"
        world.run()
        assert world.files() == whole.files(), points
        for path in world.kept.rglob("*"):
            if path.is_file():
                path.unlink()
        points += 1
    assert points > 10


@pytest.mark.fault
@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        ("PyPI/modified_id.csv", "<html>", "no list of changes"),
        ("PyPI/modified_id.csv", "", "no list of changes"),
        ("PyPI/modified_id.csv", "2026-01-01T00:00:00Z,../../etc\n", "no list of changes"),
        ("PyPI/all.zip", "<html>", "no whole ZIP"),
        ("kev.csv", "<html>", "no column"),
        ("epss.csv", "<html>", "no columns"),
    ],
)
def test_what_cannot_be_read_is_not_kept(world: World, file: str, text: str, why: str) -> None:
    (world.source / file).write_text(text)
    with pytest.raises(BrokenError, match=why):
        world.run()
    assert "fetched.json" not in world.files()


@pytest.mark.fault
def test_a_changed_advisory_that_cannot_be_read_is_not_kept(world: World) -> None:
    world.run()
    world.publish("C", "2026-03-02T00:00:00Z")
    (world.source / "PyPI/C.json").write_text("{}")
    with pytest.raises(BrokenError, match=r"C\.json cannot be kept"):
        world.run()
    assert len([name for name in world.files() if name.endswith(".zip")]) == 1


def test_many_changes_are_fetched_whole(world: World) -> None:
    world.run()
    lines = "".join(f"2026-04-01T00:00:00Z,N-{n}\n" for n in range(501))
    (world.source / "PyPI/modified_id.csv").write_text(lines)
    assert changes(open_store(world.source.as_uri()), world.place, "PyPI").names is None


@pytest.mark.parametrize(("place", "message"), [(AdvisoryPlace(place="https://api.osv.dev"), "an API"), (None, "no place")])
def test_without_a_store_there_is_nothing_to_fetch(place: AdvisoryPlace | None, message: str) -> None:
    inventory = Inventory(settings=Settings(people=PEOPLE, advisories=place), targets=())
    answer = ask(asking(fetch_advisories, System(owner="ann"), Opening(None)), {Inventory: inventory})
    assert (answer.status, answer.summary) == (Status.OK, f"nothing to fetch: the inventory names {message} for advisories")


def behind(answers: Iterable[Callable[[], httpx.Response]]) -> HttpPlace:
    """A place behind a server that answers so, one after the other."""
    left = iter(answers)
    return HttpPlace("https://osv.example", transport=httpx.MockTransport(lambda _: next(left)()), wait=lambda _: None)


def refused() -> httpx.Response:
    raise httpx.ConnectError("refused")


def test_a_place_behind_http_is_asked_again_when_it_is_busy() -> None:
    assert behind([refused, lambda: httpx.Response(503), lambda: httpx.Response(200, content=b"x")]).get("PyPI/all.zip") == b"x"
    with pytest.raises(BrokenError, match="HTTP 404"):
        behind([lambda: httpx.Response(404)]).get("x")
    with pytest.raises(BrokenError, match="in 4 tries: ConnectError: refused"):
        behind([refused] * 4).get("x")
