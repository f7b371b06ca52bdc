"""The digest of rows: the same whatever their order and however the stream is cut, another for anything else."""

import random
from itertools import pairwise

import pytest

from upkeep.backups.digest import Digest, combined

LINES = [f"{number}\t{'x' * (number % 50)}\n".encode() for number in range(500)]
PINNED = "3128d3bbb01d47563ebb740b1a3609c1"


def of(lines: list[bytes]) -> str:
    return Digest.of([b"".join(lines)]).value


def test_it_is_the_same_on_every_machine_and_version() -> None:
    assert of([b"1\tone\n", b"2\t\\N\n"]) == PINNED


def test_the_order_of_rows_does_not_matter() -> None:
    shuffled = random.Random(1).sample(LINES, len(LINES))  # noqa: S311 - any order will do
    assert shuffled != LINES
    assert of(shuffled) == of(LINES)


@pytest.mark.parametrize("size", [1, 2, 7, 64, 4096, 1 << 20])
def test_it_does_not_matter_where_the_stream_is_cut(size: int) -> None:
    whole = b"".join(LINES)
    made = Digest.of(whole[start : start + size] for start in range(0, len(whole), size))
    assert (made.value, made.rows, made.bytes) == (of(LINES), len(LINES), len(whole))


def test_a_line_longer_than_many_blocks() -> None:
    long = b"y" * (5 << 20) + b"\n"
    stream = b"a\n" + long + b"b\n"
    made = Digest.of(stream[start : start + 65536] for start in range(0, len(stream), 65536))
    assert (made.value, made.rows) == (of([b"b\n", long, b"a\n"]), 3)


@pytest.mark.parametrize(
    "other",
    [
        LINES[:-1],
        [*LINES, LINES[0]],
        [LINES[0].replace(b"0", b"1", 1), *LINES[1:]],
        [LINES[0] + LINES[1].replace(b"\n", b"\t"), *LINES[2:]],
        [b"\n", *LINES],
        [line.upper() for line in LINES],
    ],
    ids=["one fewer", "one twice", "one changed", "two joined", "an empty one more", "another case"],
)
def test_anything_else_is_another(other: list[bytes]) -> None:
    assert of(other) != of(LINES)


def test_twice_the_same_row_does_not_cancel_out() -> None:
    assert len({of([b"a\n"] * times) for times in range(5)}) == 5


def test_parts_are_put_together() -> None:
    cuts = [0, 3, 100, 100, 499, 500]
    parts = [of(LINES[start:end]) for start, end in pairwise(cuts)]
    assert combined(parts) == of(LINES)
    assert combined([]) == of([]) == "0" * 32


def test_sums_wrap_round() -> None:
    assert combined(["f" * 32, "0" * 15 + "1" + "0" * 15 + "1"]) == "0" * 32


def test_a_stream_that_ends_inside_a_line_has_no_digest() -> None:
    with pytest.raises(ValueError, match="no end"):
        _ = Digest.of([b"1\n", b"2"]).value
