"""packages.lock.json: one package over all frameworks, projects apart."""

import json
from typing import Any

import pytest

from upkeep.formats.lockfiles.registry import read
from upkeep.formats.package import Origin, Reading


def reading(**frameworks: Any) -> Reading:
    return read("packages.lock.json", json.dumps({"version": 2, "dependencies": frameworks}).encode(), lambda _: None)


JSON = {"type": "Direct", "requested": "[13.0.1, )", "resolved": "13.0.1", "dependencies": {"system.text": "4.3.0"}}
TEXT = {"type": "Transitive", "resolved": "4.3.0"}


def test_direct_ones_and_through_whom() -> None:
    found = reading(net6={"Newtonsoft.Json": JSON, "System.Text": TEXT, "shop.core": {"type": "Project"}})
    assert [(p.name, p.version, p.direct, p.path, p.origin) for p in found.packages] == [
        ("Newtonsoft.Json", "13.0.1", True, ("Newtonsoft.Json",), Origin.REGISTRY),
        ("System.Text", "4.3.0", False, ("Newtonsoft.Json", "System.Text"), Origin.REGISTRY),
        ("shop.core", None, True, ("shop.core",), Origin.PATH),
    ]
    assert found.incomplete == ()


def test_frameworks_are_a_marker_unless_all_have_it() -> None:
    found = reading(
        net6={"Newtonsoft.Json": JSON, "System.Text": TEXT},
        net8={"newtonsoft.json": JSON, "System.Text": {**TEXT, "resolved": "5.0"}},
    )
    assert [(p.name, p.version, p.marker) for p in found.packages] == [
        ("Newtonsoft.Json", "13.0.1", None),
        ("System.Text", "4.3.0", "net6"),
        ("System.Text", "5.0", "net8"),
    ]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"type": "Direct"}, "the version of A is no text"),
        ({"type": "Novel", "resolved": "1"}, 'A is of a type that is not known: "novel"'),
        ({"resolved": "1"}, "the type of A is no text"),
        ("1.0", "A is no object"),
    ],
)
def test_what_cannot_be_read_is_said(entry: Any, message: str) -> None:
    found = reading(net6={"A": entry})
    assert (found.packages, message in found.incomplete[0]) == ((), True)


def test_what_is_no_lockfile() -> None:
    assert "this is no packages.lock.json" in read("packages.lock.json", b"{}", lambda _: None).incomplete[0]
