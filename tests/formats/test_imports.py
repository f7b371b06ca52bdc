"""Imports as a hint of what is used."""

import pytest

from upkeep.formats.imports import is_imported, javascript_imports, python_imports


def test_python() -> None:
    text = b"import os, yaml.nodes as n\nfrom google.cloud import storage\nfrom . import own\ndef f():\n    import PIL\n"
    assert sorted(python_imports(text) or ()) == ["google.cloud", "google.cloud.storage", "os", "pil", "yaml.nodes"]


@pytest.mark.parametrize("text", [b"print 1", b"\0", b"(" * 100_000, b"\xff"])
def test_what_is_no_python(text: bytes) -> None:
    assert python_imports(text) is None


def test_javascript() -> None:
    text = (
        b"""import a from 'left-pad'; import "@scope/b/sub"; const c = require("c/x"); export * from './own'; await import('d')"""
    )
    assert javascript_imports(text) == {"left-pad", "@scope/b", "c", "d"}


@pytest.mark.parametrize(
    ("ecosystem", "name", "imported", "used"),
    [
        ("PyPI", "pyyaml", {"yaml.nodes"}, True),
        ("PyPI", "google-cloud-storage", {"google.cloud.storage"}, True),
        ("PyPI", "google-cloud-storage", {"google.cloud.pubsub"}, False),
        ("PyPI", "python-slugify", {"slugify"}, True),
        ("PyPI", "django", {"django.db"}, True),
        ("PyPI", "django", {"djangorestframework"}, False),
        ("PyPI", "pillow", {"pil"}, True),
        ("PyPI", "types-pyyaml", {"os"}, True),
        ("npm", "left-pad", {"left-pad"}, True),
        ("npm", "@types/node", set(), True),
        ("npm", "left-pad", {"right-pad"}, False),
    ],
)
def test_whether_it_is_used(ecosystem: str, name: str, imported: set[str], used: bool) -> None:  # noqa: FBT001
    assert is_imported(ecosystem, name, imported) is used


def test_what_a_package_is_known_to_bring() -> None:
    assert not is_imported("PyPI", "apache-airflow", {"airflow.sdk"})
    assert is_imported("PyPI", "apache-airflow", {"airflow.sdk"}, {"airflow"})
