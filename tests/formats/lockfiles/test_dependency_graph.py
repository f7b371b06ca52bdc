"""Chains from direct dependencies: the shortest, whatever circles there are; each edge is walked once."""

from tests.growth import calls
from upkeep.formats.lockfiles.dependency_graph import chains


def test_the_shortest_chain() -> None:
    needs = {"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": ["e"], "f": ["e"]}
    assert chains(["a", "f"], needs) == {
        "a": ("a",),
        "f": ("f",),
        "b": ("a", "b"),
        "c": ("a", "c"),
        "e": ("f", "e"),
        "d": ("a", "b", "d"),
    }


def test_circles_and_what_nobody_needs() -> None:
    assert chains(["a"], {"a": ["b", "a"], "b": ["a"], "z": ["a"]}) == {"a": ("a",), "b": ("a", "b")}
    assert chains([], {"a": ["b"]}) == {}


def test_a_direct_one_that_another_needs_stays_direct() -> None:
    assert chains(["a", "b"], {"a": ["b"]})["b"] == ("b",)


def test_a_chain_that_nobody_reads_is_left_out() -> None:
    found = chains([0], {n: [n + 1] for n in range(10_000)})
    assert (len(found[99]), found[100], found[10_000]) == (100, (), ())


def test_the_work_grows_with_the_edges() -> None:
    def work(size: int) -> int:
        needs = {n: [n + 1, n // 2] for n in range(size)}
        return calls(lambda: chains([0], needs))

    assert work(400) < 2.5 * work(200)
