"""TOML, JSON and YAML of strangers: each attack has a clear answer, by line, and costs next to nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from upkeep.formats.lockfiles.documents import json_document, jsonc_document, key_lines, toml_document, yaml_documents
from upkeep.formats.lockfiles.registry import UnreadableError


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [
        (yaml_documents, "a: " + "[" * 100_000, "line 1: nested too deep to be read"),
        (yaml_documents, "a:\n " + "- " * 100_000 + "x", "line 2: nested too deep to be read"),
        (yaml_documents, "".join(" " * depth + "a:\n" for depth in range(3000)), "line 101: nested too deep to be read"),
        (yaml_documents, "? " * 100_000 + "x", "line 1: a key that is no text"),
        (yaml_documents, "a: &a [x, x]\nb: [*a, *a]\n", "line 2: a YAML alias, which no lockfile has"),
        (yaml_documents, "a: &a {x: 1}\nb:\n  <<: *a\n", "line 3: a YAML alias, which no lockfile has"),
        (yaml_documents, "a: 1\nb: 2\na: 3\n", 'line 3: the key "a" stands twice in one mapping'),
        (yaml_documents, "a: [1\nb: 2", "line 2: is no YAML"),
        (yaml_documents, "- a\n- b\n", "holds a list where a mapping should be"),
        (json_document, '{"a": 1,\n"b"', "line 2: is no JSON"),
        (json_document, '{"a": {"b": 1, "b": 2}}', 'the key "b" stands twice in one object'),
        (json_document, "[]", "holds a list where a mapping should be"),
        (json_document, '{"a": ' + "9" * 100_000 + "}", "a number that nobody can mean"),
        (jsonc_document, "/*" * 100_000, "line 1: is no JSON"),
        (jsonc_document, '{"a": "' + '\\"' * 100_000, "line 1: is no JSON"),
        (toml_document, ".".join("a" * 100_000) + " = 1", "line 1: a key of more than 60 parts"),
        (toml_document, "b = 1\nx = {" + ".".join("a" * 100_000) + " = 1}", "line 2: a key of more than 60 parts"),
        (toml_document, "x = {" + '"a" . ' * 100_000 + "b = 1}", "line 1: a key of more than 60 parts"),
        (toml_document, "a = " + "9" * 100_000, "a number that nobody can mean"),
        (toml_document, "a = 1\na = 2\nb = 3", r"is no TOML: Cannot overwrite a value \(at line 2"),
    ],
)
def test_an_attack_is_refused(parse: Callable[[str], Any], text: str, message: str) -> None:
    with pytest.raises(UnreadableError, match=message):
        parse(text)


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = " + "{a=" * 100_000])
def test_deep_toml_ends(text: str) -> None:
    with pytest.raises(RecursionError):
        toml_document(text)


def test_yaml_is_text_as_it_stands() -> None:
    text = "a: 1.10\nb: [yes, null, 2001-01-01, !!python/object/apply:os.system [ls]]\n---\nc: x\n---\n"
    assert yaml_documents(text) == [{"a": "1.10", "b": ["yes", "null", "2001-01-01", ["ls"]]}, {"c": "x"}]


def test_comments_and_last_commas() -> None:
    assert jsonc_document('{"a": [1, 2,], // x\n /* y, } */ "b": "//,]", }') == {"a": [1, 2], "b": "//,]"}


def test_the_lines_of_keys() -> None:
    assert key_lines('{\n "a": {"b": 1},\n\n "c": [\n  {}],\n "a": {}}') == {"a": 2, "c": 4}
