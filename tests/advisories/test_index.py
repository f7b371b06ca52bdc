"""The index of advisories: it says of packages what everything says, is made once, and never of what was there before."""

import json
import random
import sqlite3
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.advisories.made import document, events
from upkeep.advisories import dump as dump_file
from upkeep.advisories import index, index_write
from upkeep.advisories.found import Located, look
from upkeep.advisories.index import FOLDER, SETTING, keep_index, knowledge_about
from upkeep.advisories.knowledge import Knowledge, read_knowledge
from upkeep.errors import BrokenError
from upkeep.formats.package import Origin, Package
from upkeep.sources.objects import ObjectStore, open_store

AT = datetime(2026, 6, 1, tzinfo=UTC)
PYPI = Path(__file__).resolve().parents[3] / "shared/data/osv/PyPI.zip"
PACKAGES = 300


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of this worker."""
    folder = tmp_path / "cache"
    monkeypatch.setenv(SETTING, str(folder))
    return folder


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many documents were read each time that an index was made."""
    counted: list[int] = []
    real, load = index_write.write_index, dump_file.load_document

    def counting(*given: Any) -> None:
        counted.append(0)
        real(*given)

    def loading(data: bytes, name: str) -> Any:
        counted[-1] += 1
        return load(data, name)

    monkeypatch.setattr(index, "write_index", counting)
    monkeypatch.setattr(index_write, "load_document", loading)
    return counted


@pytest.fixture
def place(tmp_path: Path) -> ObjectStore:
    """A place with two dumps and a document."""
    store = open_store((tmp_path / "place").as_uri())
    store.put(
        "PyPI/1.zip", dump(tmp_path, document("A", "it", "introduced=0", "fixed=2"), document("B", "other", "introduced=0"))
    )
    store.put("npm/1.zip", dump(tmp_path, document("C", "it", "introduced=0", "fixed=3", ecosystem="npm")))
    store.put("D.json", json.dumps(document("D", "it", "introduced=1", "fixed=9")).encode())
    return store


def dump(folder: Path, *documents: dict[str, Any], name: str = "made.zip") -> bytes:
    """A dump of these."""
    with zipfile.ZipFile(folder / name, "w") as archive:
        for one in documents:
            archive.writestr(f"{one['id']}.json", json.dumps(one))
    return (folder / name).read_bytes()


def names(known: Knowledge) -> list[str]:
    return [one.id for one in known.advisories]


def package(name: str = "it", version: str = "1", ecosystem: str = "PyPI") -> Package:
    return Package(ecosystem, name, version)


def outcome(known: Knowledge, packages: list[Package], at: datetime = AT) -> Any:
    """All that is told of packages."""
    looked = look([Located("f", one) for one in packages], known, at)
    return looked.found, looked.unjudged, looked.unclear, looked.notes, looked.covered


def test_only_what_is_about_the_packages_is_read(place: ObjectStore) -> None:
    assert names(knowledge_about(place, [package()])) == ["A", "D"]
    assert names(knowledge_about(place, [package(ecosystem="npm")])) == ["C"]
    assert names(knowledge_about(place, [package("Other")])) == ["B"], "under the name as its ecosystem knows it"
    assert names(knowledge_about(place, [package("nothing")])) == []


def test_it_is_as_old_as_everything(place: ObjectStore) -> None:
    place.put("fetched.json", b'{"PyPI": "2026-05-31T00:00:00+00:00"}')
    whole, part = read_knowledge(place), knowledge_about(place, [package("nothing")])
    assert part.dated == whole.dated
    assert part.dated["PyPI"] == datetime(2026, 5, 31, tzinfo=UTC)


def test_it_is_made_once(place: ObjectStore, made: list[int]) -> None:
    for _ in range(3):
        knowledge_about(place, [package()])
    place.put("fetched.json", b'{"PyPI": "2026-05-31T00:00:00+00:00"}')
    assert knowledge_about(place, [package()]).dated["PyPI"].day == 31, "which is read each time"
    assert made == [4]


def test_what_came_since_is_added_to_it(place: ObjectStore, made: list[int], tmp_path: Path) -> None:
    knowledge_about(place, [package()])
    place.put("PyPI/2.zip", dump(tmp_path, document("A", "it", "introduced=0", "fixed=5", modified="2026-01-01T00:00:00Z")))
    known = knowledge_about(place, [package()])
    assert [(one.id, one.affected[0].fixed) for one in known.advisories] == [("A", ("2",)), ("A", ("5",)), ("D", ("9",))]
    assert made == [4, 1]
    assert outcome(known, [package()]) == outcome(read_knowledge(place), [package()])


@pytest.mark.parametrize("change", ["replaced", "gone"])
def test_what_is_replaced_or_gone_is_not_told_any_more(place: ObjectStore, made: list[int], change: str) -> None:
    before = knowledge_about(place, [package()])
    size = place.sizes()["D.json"]
    if change == "gone":
        place.delete("D.json")
    else:
        other = json.dumps(document("D", "it", "introduced=1", "fixed=8")).encode()
        assert len(other) == size, "it cannot be told by its size"
        place.put("D.json", other)
    after = knowledge_about(place, [package()])
    assert names(before) == ["A", "D"]
    assert [one.affected[0].fixed for one in after.advisories if one.id == "D"] == ([] if change == "gone" else [("8",)])
    assert len(made) == 2


@pytest.mark.parametrize("at", [datetime(2025, month, 15, tzinfo=UTC) for month in (1, 4, 8, 12)])
def test_one_fault_stays_one_through_advisories_of_others(tmp_path: Path, at: datetime) -> None:
    chain = [
        document("GHSA-1", "it", "introduced=0", "fixed=2", aliases=["CVE-1"]),
        document(
            "OTHER", "another", "introduced=0", aliases=["CVE-1", "CVE-2"], withdrawn="2025-02-01T00:00:00Z", ecosystem="npm"
        ),
        document("PYSEC-1", "it", "introduced=0", "fixed=2", aliases=["CVE-2"]),
        document("PYSEC-1", "it", "introduced=0", "fixed=2", aliases=["CVE-3"], modified="2025-06-01T00:00:00Z"),
    ]
    store = open_store(tmp_path.as_uri())
    for number, one in enumerate(chain):
        store.put(f"{number}.json", json.dumps(one).encode())
    assert outcome(knowledge_about(store, [package()]), [package()], at) == outcome(read_knowledge(store), [package()], at)
    assert len(outcome(knowledge_about(store, [package()]), [package()], at)[0]) == (1 if at.month < 6 else 2)


def test_a_package_of_git_is_found_by_its_repository_and_commit(tmp_path: Path) -> None:
    commit, part = "a" * 40, {"repo": "https://git.example/it.git", "type": "GIT"}
    one = document("G", "", part={"ranges": [{**part, "events": events("introduced=0", f"fixed={commit}")}], "package": {}})
    store = open_store(tmp_path.as_uri())
    store.put("G.json", json.dumps(one).encode())
    by_place = Package("npm", "it", None, origin=Origin.GIT, repository="git.example/it", commit="b" * 40)
    by_commit = Package("npm", "it", None, origin=Origin.GIT, repository="elsewhere/x", commit=commit)
    for asked in (by_place, by_commit):
        assert names(knowledge_about(store, [asked])) == ["G"]
        assert outcome(knowledge_about(store, [asked]), [asked]) == outcome(read_knowledge(store), [asked])
    assert names(knowledge_about(store, [Package("npm", "it", "1", origin=Origin.PATH)])) == []


def test_lists_of_the_exploited_and_of_chances_are_read_for_names_alone(place: ObjectStore, made: list[int]) -> None:
    assert knowledge_about(place, [package()]).exploited is None
    kev = "cveID,dateAdded,dueDate,knownRansomwareCampaignUse\nA,2026-05-01,2026-05-22,Known\nCVE-9,2026-05-01,2026-05-22,\n"
    place.put("known_exploited_vulnerabilities.csv", kev.encode())
    place.put("epss_scores.csv", b"#model\ncve,epss,percentile\nD,0.25,0.9\nCVE-9,0.5,0.9\n")
    found = knowledge_about(place, [package()])
    assert found.exploited == {"A": (read_knowledge(place).exploited or {})["A"]}
    assert found.epss == {"D": 0.25}
    place.put("epss_scores.csv", b"cve,epss\nD,0.75\n")
    assert knowledge_about(place, [package()]).epss == {"D": 0.75}
    assert made == [4, 0, 0]


def test_a_list_or_dump_that_cannot_be_read_is_an_error_each_time(place: ObjectStore, cache: Path) -> None:
    place.put("PyPI/9.zip", b"no archive")
    for _ in range(2):
        with pytest.raises(BrokenError, match="no whole ZIP archive"):
            knowledge_about(place, [package()])
    place.delete("PyPI/9.zip")
    place.put("epss_scores.csv", b"<html>")
    with pytest.raises(BrokenError, match="epss"):
        knowledge_about(place, [package()])
    assert not list(cache.glob("*.sqlite"))


def test_a_place_without_advisories_is_an_error_and_not_clean(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(BrokenError, match="no advisories at"):
            knowledge_about(open_store((tmp_path / "empty").as_uri()), [package()])


def test_what_could_not_be_read_is_told_of_every_package(place: ObjectStore) -> None:
    place.put("E.json", b'{"id": "E"}')
    place.put("fetched.json", f'{{"PyPI": "{AT.isoformat()}"}}'.encode())
    assert outcome(knowledge_about(place, [package("nothing")]), [package("nothing")])[1] == (
        "1 of the advisories could not be read, such as E.json: the advisory E cannot be read: KeyError: 'modified'",
    )


@pytest.mark.parametrize("name", ["'; drop table held; --", "\ud800", "a\x00b", "ä" * 5000, "it\x1fit", "%", "<b>"])
def test_names_are_data(tmp_path: Path, name: str) -> None:
    store = open_store(tmp_path.as_uri())
    one = document(name, name, "introduced=0", ecosystem="npm", aliases=[f"{name}2"])
    store.put("1.json", json.dumps(one).encode())
    assert names(knowledge_about(store, [package(name, ecosystem="npm")])) == [name]


@pytest.mark.parametrize("modified", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_outside_of_time_is_refused_by_name(tmp_path: Path, modified: str) -> None:
    store = open_store(tmp_path.as_uri())
    store.put("1.json", json.dumps(document("A", "it", modified=modified)).encode())
    store.put("2.json", json.dumps(document("B", "it")).encode())
    assert [one.name for one in knowledge_about(store, [package()]).refused] == ["1.json"]


def test_it_is_kept_beside_the_dumps_and_taken_from_there(place: ObjectStore, made: list[int], cache: Path) -> None:
    assert keep_index(place)
    assert not keep_index(place), "it is there"
    for file in cache.glob("*.sqlite"):
        file.unlink()
    assert names(knowledge_about(place, [package()])) == ["A", "D"]
    assert made == [4]


def test_a_newer_one_takes_the_place_of_the_older(place: ObjectStore, made: list[int], tmp_path: Path, cache: Path) -> None:
    keep_index(place)
    place.put("PyPI/2.zip", dump(tmp_path, document("F", "it", "introduced=0")))
    for file in cache.glob("*.sqlite"):
        file.unlink()
    assert names(knowledge_about(place, [package()])) == ["A", "D", "F"]
    assert made == [4, 1], "what the stored one holds is not read again"
    keep_index(place)
    assert len(place.at(FOLDER).sizes()) == 1


@pytest.mark.parametrize("harm", ["cut", "changed"])
def test_a_stored_one_that_is_not_what_it_says_is_made_again(place: ObjectStore, made: list[int], cache: Path, harm: str) -> None:
    keep_index(place)
    (name,) = place.at(FOLDER).sizes()
    data = place.at(FOLDER).get(name)
    place.at(FOLDER).put(name, data[: len(data) // 2] if harm == "cut" else data[:-1] + bytes([data[-1] ^ 1]))
    for file in cache.glob("*.sqlite"):
        file.unlink()
    assert names(knowledge_about(place, [package()])) == ["A", "D"]
    assert made == [4, 4]


def test_a_damaged_file_is_taken_away_and_the_next_makes_it_again(place: ObjectStore, cache: Path) -> None:
    knowledge_about(place, [package()])
    (file,) = cache.glob("*.sqlite")
    file.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    with pytest.raises(BrokenError, match="was damaged") as told:
        knowledge_about(place, [package()])
    assert told.value.retry
    assert names(knowledge_about(place, [package()])) == ["A", "D"]


class Killed(BaseException):
    """The process died."""


def test_killed_at_any_statement_the_next_makes_it_whole(
    place: ObjectStore, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put("epss_scores.csv", b"cve,epss\nD,0.75\n")
    real, left = sqlite3.connect, [0]

    def dying(_: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    class Watched(sqlite3.Connection):
        """Dies before a statement, as a killed process does."""

        def execute(self, *given: Any) -> sqlite3.Cursor:
            dying(given[0])
            return super().execute(*given)

    expected = outcome(read_knowledge(place), [package()])
    for number in range(1, 200):
        left[0] = number
        monkeypatch.setattr(sqlite3, "connect", lambda *given, **more: real(*given, **more, factory=Watched))
        try:
            knowledge_about(place, [package()])
        except Killed:
            monkeypatch.setattr(sqlite3, "connect", real)
            assert outcome(knowledge_about(place, [package()]), [package()]) == expected, number
            assert not list(cache.glob("half-*"))
            for file in cache.glob("*.sqlite"):
                file.unlink()
        else:
            break
    assert 20 < number < 199


def test_a_store_that_tells_no_states_is_read_whole(place: ObjectStore, made: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ObjectStore, "states", lambda self: dict.fromkeys(self.sizes()))
    assert names(knowledge_about(place, [package()])) == ["A", "B", "C", "D"]
    assert not keep_index(place)
    assert made == []


def test_a_folder_of_others_is_not_trusted(place: ObjectStore, cache: Path) -> None:
    cache.mkdir()
    cache.chmod(0o777)
    with pytest.raises(BrokenError, match="no folder of this user alone"):
        knowledge_about(place, [package()])


def test_few_are_kept_on_a_worker(place: ObjectStore, cache: Path) -> None:
    for number in range(12):
        place.put("D.json", json.dumps(document("D", "it", "introduced=1", f"fixed={number + 10}")).encode())
        knowledge_about(place, [package()])
    assert len(list(cache.glob("*.sqlite"))) == index._KEPT  # noqa: SLF001 - how many


@pytest.mark.skipif(not PYPI.exists(), reason="no public dump here")
def test_of_the_public_dump_it_says_what_everything_says(tmp_path: Path, made: list[int]) -> None:
    folder = tmp_path / "place"
    folder.mkdir()
    (folder / "all.zip").write_bytes(PYPI.read_bytes())
    store = open_store(folder.as_uri())
    whole = read_knowledge(store)
    named = sorted({(p.name, v) for a in whole.advisories for p in a.affected for v in p.versions})
    asked = [Package("PyPI", *pair) for pair in random.Random(7).sample(named, PACKAGES)]  # noqa: S311 - the same every time
    for at in (AT, datetime(2023, 1, 1, tzinfo=UTC)):
        assert outcome(knowledge_about(store, asked), asked, at) == outcome(whole, asked, at)
    part = knowledge_about(store, asked[:1])
    assert len(part.advisories) < len(whole.advisories) / 100
    assert len(made) == 1
