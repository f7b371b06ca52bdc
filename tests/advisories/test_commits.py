"""Advisories about commits: what the graph of commits says of a commit, and what it does not say."""

from dataclasses import replace

import pytest

from tests.advisories.made import DAY, advisory, events
from upkeep.advisories.advisory import Affected, Event, Range, RangeKind
from upkeep.advisories.commits import about_commit
from upkeep.advisories.found import Located, look
from upkeep.advisories.knowledge import Knowledge
from upkeep.advisories.matcher import Match, Matcher
from upkeep.formats.git_address import repository_of
from upkeep.formats.package import Origin, Package

ADDRESS = "https://git.example/u/it"
PARENTS = {  # a - b - c - d - e - f, and from b a branch x - y - z that d was merged into before z
    "a": "", "b": "a", "c": "b", "d": "c", "e": "d", "f": "e", "x": "b", "y": "x", "z": "yd",
}  # fmt: skip
FORTY = {letter: letter * 40 for letter in PARENTS}


def ancestors(commit: str) -> set[str]:
    return {commit}.union(*(ancestors(parent) for parent in PARENTS[commit]))


def reaches(newer: str, older: str) -> bool | None:
    """The graph above; nothing is known of any other commit."""
    if newer not in PARENTS or older not in PARENTS:
        return None
    return older in ancestors(newer)


class Graph:
    """The graph above as the history of one repository, by long names."""

    def reaches(self, address: str, newer: str, older: str) -> bool | None:
        """By the first letters."""
        assert repository_of(address) == "git.example/u/it"
        return reaches(newer[0], older[0])

    def why(self, address: str) -> str:
        """The address again."""
        return f"because {address}"


def ranged(*pairs: str) -> Range:
    found: list[Event] = [(kind, at if at in "0*" else at * 40) for event in events(*pairs) for kind, at in event.items()]
    return Range(RangeKind.GIT, tuple(found), ADDRESS)


@pytest.mark.parametrize(
    ("pairs", "held", "unsure"),
    [
        (["introduced=0"], "abcdefxyz!", ""),
        (["introduced=0", "fixed=d"], "abcxy", "!"),
        (["introduced=b", "fixed=d"], "bcxy", "!"),
        (["introduced=c", "fixed=e"], "cdz", "!"),
        (["introduced=0", "last_affected=c"], "abcxy", "!"),
        (["introduced=b", "fixed=c", "introduced=d", "fixed=f"], "bxydez", "!"),
        (["fixed=f", "introduced=d", "fixed=c", "introduced=b"], "bxydez", "!"),
        (["introduced=0", "limit=c"], "ab", "!"),
        (["introduced=a", "limit=c", "limit=y"], "abx", "!"),
        (["introduced=0", "limit=*"], "abcdefxyz!", ""),
        (["introduced=0", "fixed=d", "fixed=y"], "abcx", "!"),
        (["introduced=0", "fixed=?"], "", "abcdefxyz!"),
        (["introduced=?", "fixed=d"], "", "abcefxyz!"),
        (["introduced=?", "introduced=c", "fixed=e"], "cdz", "abfxy!"),
        (["fixed=d"], "", ""),
    ],
)
def test_which_commits_a_range_holds(pairs: list[str], held: str, unsure: str) -> None:
    affected = Affected("", "", (ranged(*pairs),), ())
    answers = {commit: about_commit(affected, commit * 40, "git.example/u/it", Graph()) for commit in [*PARENTS, "!"]}
    got = {answer: "".join(c for c in answers if answers[c] is answer) for answer in (True, None)}
    assert {answer: sorted(found) for answer, found in got.items()} == {True: sorted(held), None: sorted(unsure)}


def matched_at(commit: str, *pairs: str, address: str = ADDRESS, known: bool = True) -> Match:
    part = {"ranges": [{"type": "GIT", "repo": f"{ADDRESS}.git", "events": events(*pairs)}]}
    package = Package("npm", "it", "1.0.0", origin=Origin.GIT, commit=commit, repository=repository_of(address))
    return Matcher([advisory("A", "", ecosystem="", part=part)], DAY, Graph() if known else None).match(package)


RANGE = (f"introduced={'b' * 40}", f"fixed={'d' * 40}")


@pytest.mark.baseline
@pytest.mark.parametrize("commit", ["a", "e", "z"])
def test_before_and_after_the_fault_nothing_holds(commit: str) -> None:
    assert matched_at(FORTY[commit], *RANGE) == Match(())


@pytest.mark.near_miss
def test_the_same_commits_of_another_repository_are_not_asked_about() -> None:
    assert matched_at(FORTY["c"], *RANGE, address="https://git.example/fork/it") == Match(())


@pytest.mark.fault
@pytest.mark.parametrize("commit", ["b", "c", "y"])
def test_between_them_it_holds(commit: str) -> None:
    found = matched_at(FORTY[commit], *RANGE)
    assert (len(found.faults), found.unjudged) == (1, ())


@pytest.mark.parametrize(("commit", "known"), [("9" * 40, True), ("c" * 40, False), ("", True)])
def test_what_cannot_be_told_is_never_clean(commit: str, known: bool) -> None:  # noqa: FBT001 - a case
    found = matched_at(commit, *RANGE, known=known)
    assert found.faults == ()
    assert found.unjudged[0].startswith(f"it at {commit or 'no commit (none is named)'}: ")
    assert "whether A is about it needs the history of git.example/u/it" in found.unjudged[0]
    assert found.unjudged[0].endswith("because https://git.example/u/it.git") is (known and bool(commit))


def test_a_commit_that_one_range_mends_may_be_held_by_another() -> None:
    ranges = [{"type": "GIT", "repo": ADDRESS, "events": events(*pairs)}
              for pairs in (RANGE, (f"introduced={'d' * 40}", f"fixed={'f' * 40}"))]  # fmt: skip
    package = Package("npm", "it", None, origin=Origin.GIT, commit=FORTY["d"], repository=repository_of(ADDRESS))
    assert Matcher([advisory("A", "", ecosystem="", part={"ranges": ranges})], DAY, Graph()).match(package).faults


def test_the_fix_is_a_commit() -> None:
    part = {"ranges": [{"type": "GIT", "repo": ADDRESS, "events": events(*RANGE)}]}
    package = Package("npm", "it", "1.0.0", origin=Origin.GIT, commit=FORTY["c"], repository=repository_of(ADDRESS))
    known = Knowledge((advisory("A", "", ecosystem="", part=part),), {"npm": DAY}, histories=Graph())
    looked = look([Located("package-lock.json", package)], known, DAY)
    (found,) = looked.found
    assert found.fix == FORTY["d"]
    assert not looked.matcher.match(replace(package, commit=found.fix)).faults
