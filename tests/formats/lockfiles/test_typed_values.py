"""Documents of lockfiles: what is no JSON or TOML, and what is not the value that it must be, is said by place."""

import pytest

from upkeep.formats.lockfiles.registry import UnreadableError
from upkeep.formats.lockfiles.typed_values import json_object, rows, table, tables, text_of, toml_table, yaml_mapping


def test_what_is_well() -> None:
    assert json_object(b'\xef\xbb\xbf{"a": [1, {"b": null}]}') == {"a": [1, {"b": None}]}
    assert toml_table(b'a = 1\r\n[b]\r\nc = "d"') == {"a": 1, "b": {"c": "d"}}
    assert (table(None, "x"), rows(None, "x"), tables(None, "x"), text_of("y", "x")) == ({}, [], [], "y")


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"a": 1,\n"b"}', "line 2: is no JSON"),
        (b"", "line 1: is no JSON"),
        (b"[1]", "holds a list where a mapping should be"),
        (b'{"a": {"b": 1, "c": 2, "b": 3}}', '"b" stands twice in one object'),
        (b"\xff\xfe\x00", "line 1"),
    ],
)
def test_json_that_is_none(raw: bytes, message: str) -> None:
    with pytest.raises(UnreadableError, match=message):
        json_object(raw)


def test_toml_that_is_none() -> None:
    with pytest.raises(UnreadableError, match=r"is no TOML: .*line 2"):
        toml_table(b"a = 1\nb = \nc = 2")


def test_values_that_are_something_else() -> None:
    with pytest.raises(UnreadableError, match="packages is no list: a"):
        rows("a", "packages")
    with pytest.raises(UnreadableError, match="packages, entry 2, is no object: 3"):
        tables([{}, 3], "packages")
    with pytest.raises(UnreadableError, match="name is empty"):
        text_of("", "name")
    with pytest.raises(UnreadableError, match="name is no text: None"):
        text_of(None, "name")


def test_yaml() -> None:
    assert yaml_mapping(b"a: 1\nb: [c, {d: 1.10}]\n") == {"a": "1", "b": ["c", {"d": "1.10"}]}
    with pytest.raises(UnreadableError, match="it holds 2 YAML documents"):
        yaml_mapping(b"a: 1\n---\nb: 2\n")
    with pytest.raises(UnreadableError, match="line 2: a YAML alias"):
        yaml_mapping(b"a: &x [1]\nb: *x\n")
