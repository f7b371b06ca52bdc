"""inventory: names that could be mistaken for those of far more used packages."""

from pathlib import Path

import pytest

from tests.checks.dependencies.test_inventory import answer
from upkeep.advisories.names import Lookalikes, normalise
from upkeep.answer import Answer, Severity
from upkeep.checks.dependencies.lookalikes import _SHIPPED
from upkeep.errors import BrokenError
from upkeep.sources.shipped_tables import table

YARN = "# yarn lockfile v1\n\n\n"


def python(folder: Path, *names: str) -> None:
    (folder / "requirements.txt").write_text("".join(f"{name}==1.0\n" for name in names), encoding="utf-8")


def npm(folder: Path, *names: str) -> None:
    place = "https://registry.yarnpkg.com"
    entries = [f'"{n}@^1.0.0":\n  version "1.0.0"\n  resolved "{place}/{n}/-/{n.split("/")[-1]}-1.0.0.tgz#0"\n' for n in names]
    (folder / "yarn.lock").write_text(YARN + "\n".join(entries), encoding="utf-8")


def told(result: Answer) -> dict[str, object]:
    return {f.object: (f.details or {})["known"] for f in result.findings if f.rule == "lookalike_name"}


@pytest.mark.baseline
def test_well_known_names_are_none(tmp_path: Path) -> None:
    python(tmp_path, "requests", "urllib3", "boto3", "typing_extensions", "Python.DateUtil")
    npm(tmp_path, "lodash", "@types/node", "react-dom", "semver")
    assert told(answer(tmp_path)) == {}


@pytest.mark.near_miss
@pytest.mark.parametrize(
    "name", ["psycopg2", "pypdf2", "markdown2", "ijson", "requests-mock", "shop-invoices", "flas", "boto", "rich2"]
)
def test_names_of_their_own_right_are_none(tmp_path: Path, name: str) -> None:
    python(tmp_path, name)
    assert told(answer(tmp_path)) == {}


@pytest.mark.near_miss
@pytest.mark.parametrize("name", ["preact", "camel-case", "object.assign", "@shop/lodash-tools", "p-retry"])
def test_names_of_npm_of_their_own_right_are_none(tmp_path: Path, name: str) -> None:
    npm(tmp_path, name)
    assert told(answer(tmp_path)) == {}


@pytest.mark.near_miss
def test_what_comes_from_no_registry_is_none(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("reqeusts @ git+https://example.org/reqeusts@" + "a" * 40 + "\n", encoding="utf-8")
    assert told(answer(tmp_path)) == {}


@pytest.mark.fault
@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("reqeusts", "requests"),
        ("request", "requests"),
        ("requestss", "requests"),
        ("reguests", "requests"),
        ("crytography", "cryptography"),
        ("typing.extension", "typing-extensions"),
        ("pythondateutil", "python-dateutil"),
        ("dateutil-python", "python-dateutil"),
        ("urlib3", "urllib3"),
        ("urllib-3", "urllib3"),
        ("b0to3", "boto3"),
    ],
)
def test_a_name_that_is_nearly_another_s_is_told(tmp_path: Path, name: str, other: str) -> None:
    python(tmp_path, name)
    result = answer(tmp_path)
    assert told(result) == {f"PyPI/{normalise('PyPI', name)}": other}
    found = next(f for f in result.findings if f.rule == "lookalike_name")
    assert (found.severity, other in found.title, "requirements.txt" in found.title) == (Severity.HIGH, True, True)


@pytest.mark.fault
@pytest.mark.parametrize(
    ("name", "other"),
    [("loadsh", "lodash"), ("types-node", "@types/node"), ("typesnode", "@types/node"), ("js-tokns", "js-tokens")],
)
def test_a_name_of_npm_that_is_nearly_another_s_is_told(tmp_path: Path, name: str, other: str) -> None:
    npm(tmp_path, name)
    assert told(answer(tmp_path)) == {f"npm/{name}": other}


@pytest.mark.near_miss
def test_other_names_may_be_named(tmp_path: Path) -> None:
    names = tmp_path / "names.yaml"
    names.write_text("PyPI:\n  known: [Shop_Invoices]\n  own_right: [shop.invoice]\n", encoding="utf-8")
    python(tmp_path, "shop-invoice", "shop-invoicess", "reqeusts")
    assert told(answer(tmp_path, names_file=str(names))) == {"PyPI/shop-invoicess": "shop-invoices"}


@pytest.mark.parametrize("text", ["PyPI: [requests]", "PyPI: {}", "PyPI: {known: requests}", "PyPI: {known: [1]}", "[]", "{"])
def test_names_that_cannot_be_read_are_said(tmp_path: Path, text: str) -> None:
    names = tmp_path / "names.yaml"
    names.write_text(text, encoding="utf-8")
    python(tmp_path, "requests")
    with pytest.raises(BrokenError, match=r"names\.yaml cannot be read"):
        answer(tmp_path, names_file=str(names))


def test_the_table_that_ships_contradicts_itself_nowhere() -> None:
    for ecosystem, names in table(_SHIPPED, "").items():
        known, own_right = names["known"], names["own_right"]
        assert (len(set(known)), set(known) & set(own_right)) == (len(known), set())
        assert [name for name in known + own_right if normalise(ecosystem, name) != name] == []
        near = Lookalikes(known)
        assert [name for name in own_right if near.of(name) is None] == [], "an entry that does nothing"
        assert len(known) >= 500
