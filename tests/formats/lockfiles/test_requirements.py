"""requirements.txt: what pip reads of it, and what is no pin."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.formats.lockfiles.reading import by_name, pins, read_text
from upkeep.formats.lockfiles.registry import reader_of
from upkeep.formats.package import Origin, Scope

COMMIT = "a1" * 20


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("requirements.txt", True),
        ("app/requirements-dev.txt", True),
        ("dev-requirements.txt", True),
        ("requirements/base.txt", True),
        ("requirements.run.lock", True),
        ("requirements.in", False),
        ("constraints.txt", False),
        ("requirements/constraints.txt", False),
        ("docs/notes.txt", False),
        ("node_modules/x/requirements.txt", False),
        (".venv/lib/requirements.txt", False),
    ],
)
def test_which_files(path: str, is_one: bool) -> None:  # noqa: FBT001 - both ways
    reader = reader_of(path)
    assert (reader is not None and reader.kind == "requirements.txt") == is_one


@pytest.mark.parametrize(
    ("line", "name", "version", "asked_for"),
    [
        ("PyYAML==6.0.1", "pyyaml", "6.0.1", None),
        ("zope.interface == 5.0", "zope-interface", "5.0", None),
        ("a===1.0-odd", "a", "1.0-odd", None),
        ("a==1.0+local.1", "a", "1.0+local.1", None),
        ("a==1.0rc1,!=2", "a", "1.0rc1", None),
        ("PyJWT>=2.10.0", "pyjwt", None, ">=2.10.0"),
        ("a>=0.6.0,<1", "a", None, "<1,>=0.6.0"),
        ("a==1.*", "a", None, "==1.*"),
        ("a~=1.2", "a", None, "~=1.2"),
        ("a", "a", None, "any"),
        ("a==1.0 # why", "a", "1.0", None),
        ("  a==1.0\t", "a", "1.0", None),
    ],
)
def test_pins_and_ranges(line: str, name: str, version: str | None, asked_for: str | None) -> None:
    [package] = by_name(read_text("requirements.txt", line)).values()
    assert (package.name, package.version, package.asked_for, package.origin) == (name, version, asked_for, Origin.REGISTRY)


@pytest.mark.baseline
def test_hashes_markers_and_extras() -> None:
    text = """\
        requests[Socks,security]==2.31.0 ; python_version < "3.12" \\
            --hash=sha256:aa \\
            --hash sha256:bb
        pywin32==306; sys_platform == "win32"
        """
    found = by_name(read_text("requirements.txt", text))
    requests = found["requests"]
    assert (requests.version, requests.extras, requests.hashes) == ("2.31.0", ("security", "socks"), ("sha256:aa", "sha256:bb"))
    assert (requests.marker, requests.line) == ('python_version < "3.12"', 1)
    assert (found["pywin32"].marker, found["pywin32"].line) == ('sys_platform == "win32"', 4)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"git+https://e.org/a.git@{COMMIT}#egg=a", ("a", None, None, Origin.GIT, COMMIT)),
        ("git+https://e.org/a.git@main#egg=a&subdirectory=x", ("a", None, "main", Origin.GIT, None)),
        (f"-e git+ssh://git@e.org/a.git@{COMMIT}#egg=A_b", ("a-b", None, COMMIT, Origin.GIT, COMMIT)),
        (f"a @ git+https://ann:s3cret@e.org/a.git@{COMMIT}", ("a", None, None, Origin.GIT, COMMIT)),
        ("a @ https://e.org/a-1.2-py3-none-any.whl", ("a", "1.2", None, Origin.URL, None)),
        ("https://e.org/a_b-1.2.tar.gz", ("a-b", "1.2", None, Origin.URL, None)),
        ("hg+https://e.org/a#egg=a", ("a", None, None, Origin.URL, None)),
        ("./wheels/a-1.2-py3-none-any.whl", ("a", "1.2", None, Origin.PATH, None)),
        ("file:///srv/a-1.2.tar.gz", ("a", "1.2", None, Origin.PATH, None)),
    ],
)
def test_addresses(line: str, expected: tuple[object, ...]) -> None:
    [package] = by_name(read_text("requirements.txt", line)).values()
    found = (package.name, package.version, package.asked_for, package.origin, package.commit)
    assert found[:2] + found[3:] == expected[:2] + expected[3:]
    assert "s3cret" not in repr(package)


def read_files(text: str, **beside: str) -> list[tuple[str, str | None]]:
    files: Mapping[str, str] = {name.replace("__", "/").replace("_txt", ".txt"): content for name, content in beside.items()}
    return pins(read_text("requirements.txt", text, files))


@pytest.mark.baseline
def test_includes_and_constraints() -> None:
    found = read_files(
        "-r more/base.txt\n-c limits.txt\na\nb>=1\n",
        more__base_txt="--requirement=deep.txt\nc==3\n",
        more__deep_txt="-r../last.txt\nd==4",
        last_txt="e==5",
        limits_txt="a==1.1\nb==2.2\nunused==9\nc==7\n",
    )
    assert found == [("a", "1.1"), ("b", "2.2"), ("c", "3"), ("d", "4"), ("e", "5")]


@pytest.mark.near_miss
def test_a_circle_of_includes_ends() -> None:
    reading = read_text("requirements.txt", "-r b.txt\na==1", {"b.txt": "-r c.txt\n", "c.txt": "-r b.txt\nc==1\n"})
    assert pins(reading) == [("a", "1"), ("c", "1")]
    assert reading.notes == ("line 1: b.txt is included again",)


@pytest.mark.fault
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("-r ../../etc/passwd", "line 1: includes ../../etc/passwd, which leads out of the repository"),
        ("a==1\n-r /etc/passwd", "line 2: includes /etc/passwd, which leads out of the repository"),
        ("-r none.txt", "line 1: includes none.txt, which is not there"),
        ("-c none.txt", "line 1: includes none.txt, which is not there"),
        ("-r https://e.org/r.txt", "line 1: includes a file from elsewhere, which is not fetched"),
        ("a==1\n\n--frobnicate", "line 3: --frobnicate is not understood"),
        ("a b c", "line 1: a b c is no requirement"),
        ("a = 1", "line 1: a = 1 is no requirement"),
        ("<script>alert(1)</script>", "line 1: <script>alert(1)</script> is"),
        ("a'; drop table package; --==1", "line 1"),
        ("https://e.org/archive", "line 1: https://e.org/archive is no requirement: an address that does not tell"),
        ("-e .", "line 1: . is a local project: what it depends on stands elsewhere"),
        ("-e .[test]\nb>=1", "line 1: .[test] is a local project: what it depends on stands elsewhere"),
        ("<<<<<<< HEAD\na==1\n=======\na==2\n>>>>>>> x", "line 1: a merge conflict stands in it"),
    ],
)
def test_what_is_lost_is_said(text: str, message: str) -> None:
    [incomplete] = read_text("requirements.txt", text).incomplete
    assert incomplete.startswith(message)


@pytest.mark.near_miss
def test_a_local_project_among_pins_loses_nothing() -> None:
    reading = read_text("requirements.txt", "-e file:.\nb==1\nc==2")
    assert pins(reading) == [("b", "1"), ("c", "2")]
    assert reading.notes == ("line 1: file:. is a local project: what it depends on stands elsewhere",)


@pytest.mark.near_miss
def test_options_that_say_nothing_of_packages() -> None:
    text = "--index-url https://ann:s3cret@pypi.corp/simple\n--no-binary :all:\n--pre\n--trusted-host=h\na==1"
    reading = read_text("requirements.txt", text)
    assert pins(reading) == [("a", "1")]
    assert reading.notes == ("line 1: packages come from another index or folder too",)


def test_lines_that_go_on() -> None:
    assert pins(read_text("requirements.txt", "a==\\\n1.0\nb==2 \\\n# not this\nc==3\n\\\nd==4\\")) == [
        ("a", "1.0"), ("b", "2"), ("c", "3"), ("d", "4"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "raw", [b"\xef\xbb\xbfa==1\r\nb==2\r\n", "a==1\nb==2".encode("utf-16"), b"# -*- coding: latin-1 -*-\n# \xe9\na==1\nb==2"]
)
def test_encodings(raw: bytes) -> None:
    assert pins(read_text("requirements.txt", raw)) == [("a", "1"), ("b", "2")]


VIA_LINES = """\
click==8
    # via
    #   -r a.in
    #   flask
flask==3 \\
    --hash=sha256:aa
    # via -r a.in
x==1
    # via click
"""


@pytest.mark.baseline
@pytest.mark.parametrize(
    "text",
    [
        VIA_LINES,
        "click==8  # via -r requirements.in, flask\nflask==3  # via -r requirements.in\nx==1  # via click\n",
        "click==8\n    # via flask\n    # via shop (pyproject.toml)\nflask==3\n    # via shop\nx==1\n    # via click\n",
    ],
)
def test_who_asked_for_what(text: str) -> None:
    found = by_name(read_text("requirements.txt", text))
    assert (found["flask"].direct, found["flask"].path) == (True, ("flask",))
    assert found["click"].direct
    assert (found["x"].direct, found["x"].path) == (False, ("click", "x"))


def test_written_by_hand_it_does_not_tell_who_asked() -> None:
    assert by_name(read_text("requirements.txt", "a==1"))["a"].direct is None


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("requirements.txt", Scope.UNKNOWN),
        ("requirements-dev.txt", Scope.DEVELOPMENT),
        ("dev-requirements.txt", Scope.DEVELOPMENT),
        ("requirements/tests.txt", Scope.DEVELOPMENT),
        ("requirements/prod.txt", Scope.UNKNOWN),
    ],
)
def test_the_name_of_the_file_tells_what_it_is_for(path: str, scope: Scope) -> None:
    assert by_name(read_text(path, "a==1"))["a"].scope is scope


def test_as_pip_reads_it() -> None:
    from pip._internal.network.session import PipSession
    from pip._internal.req.constructors import install_req_from_parsed_requirement
    from pip._internal.req.req_file import parse_requirements

    root = Path(__file__).parents[3]
    for name in ("requirements.lock", "requirements.run.lock", "requirements.txt"):
        parsed = parse_requirements(str(root / name), PipSession())
        wanted = [install_req_from_parsed_requirement(one) for one in parsed]
        expected = sorted((canonicalize_name(str(one.name)), str(one.specifier), str(one.markers or "")) for one in wanted)
        reading = read_text(name, (root / name).read_bytes())
        assert reading.incomplete == ()
        found = [(p.name, f"=={p.version}" if p.version else p.asked_for, p.marker or "") for p in reading.packages]
        assert sorted((n, "" if s == "any" else s, m) for n, s, m in found) == expected
