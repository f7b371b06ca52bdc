"""uv.lock: members of the workspace, groups, sources, several versions of one name."""

import pytest

from tests.formats.lockfiles.reading import by_name, pins, read_text
from upkeep.formats.package import Origin, Scope

LOCK = """\
version = 1
revision = 3

[[package]]
name = "app"
version = "0.1.0"
source = { editable = "." }
dependencies = [{ name = "flask", extra = ["async"] }]

[package.optional-dependencies]
db = [{ name = "psycopg" }]

[package.dev-dependencies]
dev = [{ name = "pytest" }]

[[package]]
name = "flask"
version = "3.0.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "click", marker = "os_name == 'nt'" }]
sdist = { url = "https://e.org/f.tar.gz", hash = "sha256:aa" }
wheels = [{ url = "https://e.org/f.whl", hash = "sha256:bb" }]

[package.optional-dependencies]
async = [{ name = "asgiref" }]

[[package]]
name = "asgiref"
version = "3.8.1"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "click"
version = "8.1.7"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "psycopg"
version = "3.2.0"
source = { registry = "https://pypi.org/simple" }

[[package]]
name = "pytest"
version = "8.0.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "click" }]
"""


def one(package: str, head: str = "version = 1") -> str:
    root = '[[package]]\nname = "app"\nsource = { virtual = "." }\n'
    return f'{head}\n[[package]]\nname = "a"\nversion = "1"\n{package}\n{root}'


@pytest.mark.baseline
def test_a_project() -> None:
    found = by_name(read_text("uv.lock", LOCK))
    assert sorted(found) == ["asgiref", "click", "flask", "psycopg", "pytest"]
    flask, click = found["flask"], found["click"]
    assert (flask.direct, flask.path, flask.scope, flask.line) == (True, ("flask",), Scope.PRODUCTION, 16)
    assert (flask.hashes, flask.extras) == (("sha256:aa", "sha256:bb"), ("async",))
    assert (click.direct, click.path, click.scope) == (False, ("flask", "click"), Scope.PRODUCTION)
    assert found["asgiref"].path == ("flask", "asgiref")
    assert found["psycopg"].scope is Scope.PRODUCTION
    assert (found["pytest"].scope, found["pytest"].direct) == (Scope.DEVELOPMENT, True)


@pytest.mark.near_miss
def test_members_of_a_workspace_are_no_dependencies() -> None:
    text = """\
        version = 1
        [manifest]
        members = ["app", "My_Lib"]
        [[package]]
        name = "app"
        source = { virtual = "." }
        dependencies = [{ name = "my-lib" }]
        [[package]]
        name = "my-lib"
        version = "1"
        source = { editable = "packages/lib" }
        dependencies = [{ name = "idna" }]
        [[package]]
        name = "idna"
        version = "3.7"
        source = { registry = "https://pypi.org/simple" }
        """
    package = by_name(read_text("uv.lock", text))["idna"]
    assert (package.direct, package.scope) == (True, Scope.PRODUCTION)


def test_two_versions_of_one_name() -> None:
    fork = one('source = { registry = "r" }\nresolution-markers = ["os_name == \'nt\'"]')
    other = '[[package]]\nname = "a"\nversion = "2"\nsource = { registry = "r" }\n'
    reading = read_text("uv.lock", fork + other)
    assert pins(reading) == [("a", "1"), ("a", "2")]
    assert reading.packages[0].marker == "(os_name == 'nt')"


@pytest.mark.parametrize(
    ("source", "origin", "commit"),
    [
        (f'git = "https://e.org/a?rev=main#{"a1" * 20}"', Origin.GIT, "a1" * 20),
        ('url = "https://e.org/a.whl"', Origin.URL, None),
        ('path = "a.whl"', Origin.PATH, None),
        ('directory = "../a"', Origin.PATH, None),
    ],
)
def test_sources(source: str, origin: Origin, commit: str | None) -> None:
    package = by_name(read_text("uv.lock", one(f"source = {{ {source} }}")))["a"]
    assert (package.origin, package.commit) == (origin, commit)


@pytest.mark.fault
def test_what_the_project_asks_for_must_be_there() -> None:
    project = {"pyproject.toml": '[project]\ndependencies = ["flask", "Django>=5"]\n'}
    assert read_text("uv.lock", LOCK, project).incomplete == (
        "lacks django, which pyproject.toml asks for: it was cut off or is out of date",
    )
    assert read_text("uv.lock", "version = 1\n").incomplete == ("has no package for the project itself: it was cut off",)


@pytest.mark.fault
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LOCK.rpartition("[[package]]")[0], "line 4: app needs pytest, which is not in the file: it was cut off"),
        (one('source = { registry = "r" }', "version = 2"), "is of version 2, and version 1 is read"),
        (one("source = { other = 1 }"), "line 2: a has no source that is known"),
        (
            one('source = { virtual = "." }\ndependencies = [{}]'),
            "line 2: a needs none, which is not in the file: it was cut off",
        ),
    ],
)
def test_what_is_lost_is_said(text: str, message: str) -> None:
    assert read_text("uv.lock", text).incomplete == (message,)
