"""pom.xml: direct dependencies, versions from the file itself, and always incomplete."""

import pytest

from upkeep.formats.lockfiles.pom_xml import ALWAYS
from upkeep.formats.lockfiles.registry import read
from upkeep.formats.package import Origin, Package, Reading, Scope

NS = 'xmlns="http://maven.apache.org/POM/4.0.0"'


def reading(body: str) -> Reading:
    return read("pom.xml", f"<project {NS}>\n{body}</project>".encode(), lambda _: None)


def dependency(more: str = "", name: str = "b") -> str:
    return f"<dependency><groupId>org.a</groupId><artifactId>{name}</artifactId>{more}</dependency>"


def only(more: str = "", before: str = "") -> Package:
    found = reading(f"{before}<dependencies>{dependency(more)}</dependencies>")
    assert found.incomplete == (ALWAYS,)
    return found.packages[0]


@pytest.mark.parametrize(
    ("text", "version", "asked_for"),
    [
        ("<version>1.2.3</version>", "1.2.3", None),
        ("<version> [1.2] </version>", "1.2", None),
        ("<version>[1.0,2.0)</version>", None, "[1.0,2.0)"),
        ("<version>LATEST</version>", None, "LATEST"),
        ("<version>${b.version}</version>", "4.5", None),
        ("<version>${via}</version>", "4.5", None),
        ("<version>${project.version}</version>", "9.9", None),
        ("<version>${project.parent.version}</version>", "9.9", None),
        ("<version>${circle}</version>", None, "${circle}"),
        ("<version>${elsewhere}</version>", None, "${elsewhere}"),
        ("", None, "managed by the parent or an imported list"),
    ],
)
def test_versions(text: str, version: str | None, asked_for: str | None) -> None:
    before = (
        "<parent><groupId>g</groupId><version>9.9</version></parent>"
        "<properties><b.version>4.5</b.version><via>${b.version}</via><circle>${circle}</circle></properties>"
    )
    found = only(text, before)
    assert (found.name, found.version, found.asked_for, found.direct) == ("org.a:b", version, asked_for, True)


def test_what_the_file_itself_manages() -> None:
    managed = dependency("<version>${v}</version><scope>test</scope>")
    before = (
        f"<properties><v>7</v></properties><dependencyManagement><dependencies>{managed}</dependencies></dependencyManagement>"
    )
    assert (only("", before).version, only("", before).scope) == ("7", Scope.DEVELOPMENT)
    assert (only("<version>8</version><scope>runtime</scope>", before).version, only("<scope>runtime</scope>", before).scope) == (
        "8",
        Scope.PRODUCTION,
    )


def test_what_is_managed_or_a_plugins_is_no_dependency() -> None:
    managed = f"<dependencyManagement><dependencies>{dependency('<version>1</version>')}</dependencies></dependencyManagement>"
    plugin = (
        f"<build><plugins><plugin><dependencies>{dependency('<version>1</version>')}</dependencies></plugin></plugins></build>"
    )
    assert reading(managed + plugin) == Reading("pom.xml", (), (ALWAYS,))


def test_scopes_and_profiles() -> None:
    assert only("<version>1</version><scope>system</scope>").origin is Origin.PATH
    profile = (
        f"<profiles><profile><id>ci</id><properties><v>2</v></properties><dependencies>{dependency('<version>${v}</version>')}"
    )
    found = reading(f"{profile}</dependencies></profile></profiles>").packages[0]
    assert (found.marker, found.version) == ("profile ci", "2")


def test_properties_that_grow() -> None:
    grow = "".join(f"<p{n}>{f'${{p{n - 1}}}' * 10}</p{n}>" for n in range(1, 12))
    assert only("<version>${p11}</version>", f"<properties><p0>x</p0>{grow}</properties>").version is None


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"<settings/>", 'its root is "settings" and no project'),
        (b"<!DOCTYPE project [<!ENTITY x 'y'>]><project/>", "has a document type"),
        (b"<project>", "line 1: no XML"),
    ],
)
def test_what_is_no_pom(raw: bytes, message: str) -> None:
    assert message in read("pom.xml", raw, lambda _: None).incomplete[0]


def test_a_dependency_without_a_name() -> None:
    found = reading(
        "<dependencies>\n<dependency><groupId>${gone}</groupId><artifactId>b</artifactId></dependency></dependencies>"
    )
    assert (found.packages, found.incomplete[1].split(":")[0]) == ((), "line 3")
