"""Dockerfiles: which images they build on, and what is none."""

import pytest

from upkeep.formats.dockerfile import base_images, is_dockerfile
from upkeep.formats.image_name import ImageName, image_name

DIGEST = "sha256:" + "a" * 64


def names(text: str) -> list[str | None]:
    return [one.name for one in base_images(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("FROM python:3.11\n", ["python:3.11"]),
        (f"from python:3.11@{DIGEST} as base", [f"python:3.11@{DIGEST}"]),
        ("FROM --platform=$BUILDPLATFORM golang:1.22 AS build\nFROM scratch\nCOPY --from=build /x /x\n", ["golang:1.22"]),
        ("FROM a AS one\nFROM one AS two\nFROM ONE\nFROM b\n", ["a", "b"]),
        ("FROM two\nFROM a AS two\n", ["two", "a"]),
        ("FROM \\\n  # why\n\n  python:3 \\\n  AS x\n", ["python:3"]),
        ("# escape=`\nFROM a `\n AS b\nRUN dir c:\\\nFROM d\n", ["a", "d"]),
        ("# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nRUN x `\nFROM y\n", ["a"]),
        ("# a note\n# escape=`\nFROM a `\nFROM b\n", ["a", "b"]),
        ("FROM a\nRUN echo x \\\\\nFROM b\n", ["a", "b"]),
        ("ARG V=3.11\nARG I=python:${V}-slim\nFROM ${I}\n", ["python:3.11-slim"]),
        ("ARG V='3.11' S=\"-slim\"\nFROM python:$V$S\n", ["python:3.11-slim"]),
        ("FROM python:${V:-3.12}\nFROM python:${V-3.13}\n", ["python:3.12", "python:3.13"]),
        ("ARG V=\nFROM python:${V:-3.12}\nFROM a${V-b}\nFROM c${V:+d}\nFROM e${V+f}\n", ["python:3.12", "a", "c", "ef"]),
        ("ARG A=1\nFROM x:${B:-${A}}\n", ["x:1"]),
        ("ARG V\nFROM python:$V\nFROM $OTHER\n", [None, None]),
        ("FROM a\nARG V=1\nFROM b:$V\n", ["a", None]),
        ("ARG V=1\nARG W=$V$X\nFROM b:$W\nFROM c:${V}\n", [None, "c:1"]),
        ("FROM a\nCOPY --from=0 /x /\nCOPY --chown=1 --from=g.io/uv:0.4 /uv /\nCOPY --from=1 / /\n", ["a", "g.io/uv:0.4", "1"]),
        ("FROM a\nRUN --mount=type=bind,from=b:1,target=/x --mount=type=cache,target=/y make\n", ["a", "b:1"]),
        ("FROM a\nRUN cat --from=b x\nCOPY x --from=c /\n", ["a"]),
        ("\ufeffFROM a\r\nRUN x \\\r\n y\r\nFROM b\r\n", ["a", "b"]),
        ("ONBUILD RUN <<E\nFROM no\nE\nFROM a\n", ["a"]),
        ("FROM {{ base }}\n", ["{{"]),
        ("", []),
        ("#FROM a\nLABEL from=x\nMAINTAINER FROM b\n", []),
    ],
)  # fmt: skip
def test_which_images(text: str, found: list[str | None]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    "heredoc",
    ["RUN <<EOF\nFROM no\nEOF",
     "RUN <<-EOF\nFROM no\n\t\tEOF", "RUN <<'EOF' sh\nFROM no\n EOF\nEOF", 'COPY <<"a.txt" /a\nFROM no\na.txt',
     "RUN cat <<A <<B\nFROM no\nA\nFROM no\nB", "RUN 3<<X cat\nFROM no\nX", "RUN \\\n  cat <<EOF\nFROM no\nEOF"],
)  # fmt: skip
def test_here_documents_are_no_instructions(heredoc: str) -> None:
    assert names(f"FROM a\n{heredoc}\nFROM b\n") == ["a", "b"]


@pytest.mark.parametrize("run", ["RUN echo 'x <<EOF'", "RUN y=$((1<<2))", "RUN cat <<< x", "ENV A=<<EOF", 'RUN echo "a\\" <<E"'])
def test_what_only_looks_like_one(run: str) -> None:
    assert names(f"FROM a\n{run}\nFROM b\n") == ["a", "b"]


@pytest.mark.fault
@pytest.mark.parametrize(
    ("text", "why"), [("FROM a\nRUN <<EOF\nFROM b\n", "line 2: the here-document EOF"), ("\nFROM --x=y\n", "line 2")]
)
def test_what_cannot_be_read_whole_is_said(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        base_images(text)


def test_lines_are_those_of_the_file() -> None:
    assert [one.line for one in base_images("# x\n\nFROM a\nRUN <<E\n\nE\nRUN a \\\n b\nFROM \\\n b\n")] == [3, 9]


def test_a_hostile_file_ends_soon() -> None:
    assert names("FROM a\n" + "RUN " + "'\"\\x" * 200_000 + "\nFROM b\n") == ["a", "b"]
    assert names("ARG A=" + "${" * 50_000 + "\nFROM $A\n") == [None]


def test_by_which_names_files_are_known() -> None:
    paths = ["Dockerfile", "a/Containerfile", "Dockerfile.dev", "web.Dockerfile", "x.dockerfile"]
    assert [
        path for path in [*paths, "Dockerfile.dockerignore", "dockerfile.py", "notes/Dockerfiles"] if is_dockerfile(path)
    ] == paths


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("python", ("docker.io", "library/python", "latest", None)),
        ("python:3.11", ("docker.io", "library/python", "3.11", None)),
        ("index.docker.io/python", ("docker.io", "library/python", "latest", None)),
        ("docker.io/x/y:1", ("docker.io", "x/y", "1", None)),
        (f"python@{DIGEST}", ("docker.io", "library/python", None, DIGEST)),
        (f"python:3@{DIGEST}", ("docker.io", "library/python", "3", DIGEST)),
        ("ghcr.io/x/y/z:v1", ("ghcr.io", "x/y/z", "v1", None)),
        ("localhost/x", ("localhost", "x", "latest", None)),
        ("registry:5000/x:1", ("registry:5000", "x", "1", None)),
        ("a__b/c-d.e:1_2", ("docker.io", "a__b/c-d.e", "1_2", None)),
    ],
)
def test_names_are_taken_apart_as_tools_do(text: str, found: tuple[str, str, str | None, str | None]) -> None:
    assert image_name(text) == ImageName(*found)


@pytest.mark.parametrize(
    "text", ["", "{{", "a b", "x@", "x@sha256:12", "x:", "Python", "x//y", "-x", "x:a:b", "x@sha1:" + "a" * 40, "../x", "a" * 600,
             "http://x/y"],
)  # fmt: skip
def test_what_is_no_name(text: str) -> None:
    assert image_name(text) is None
