"""Instructions of a Dockerfile: lines that go on joined, comments and here-documents passed over."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ESCAPE = re.compile(r"#[ \t]*escape[ \t]*=[ \t]*(`|\\)[ \t]*", re.IGNORECASE)
_DIRECTIVE = re.compile(r"#[ \t]*\w+[ \t]*=.*")
_WORD = re.compile(r"""(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+""")
_HEREDOC = re.compile(r"""\d*<<(-?)(["']?)([^\s<"']+)\2""")
_WITH_HEREDOC = frozenset(["RUN", "COPY", "ADD"])


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction by the line where it begins; `word` is in capitals, `rest` is all that follows."""

    line: int
    word: str
    rest: str

    @property
    def words(self) -> list[str]:
        """What follows, parted at spaces outside of quotes; quotes stay."""
        return _WORD.findall(self.rest)


def instructions(text: str) -> Iterator[Instruction]:
    """Every instruction in its order. Raises ValueError, by line, for a here-document that never ends."""
    lines = [line.rstrip("\r") for line in text.removeprefix("\ufeff").split("\n")]
    goes_on = re.compile(r"(^|[^{0}]){0}[ \t]*$".format(re.escape(_escape(lines))))
    place = 0
    while place < len(lines):
        begin = place
        parts: list[str] = []
        while place < len(lines):
            line, place = lines[place], place + 1
            if _says_nothing(line):
                if parts:
                    continue
                break
            parts.append(goes_on.sub(r"\1", line))
            if not goes_on.search(line):
                break
        word, _, rest = " ".join(parts).strip().partition(" ")
        if word:
            found = Instruction(begin + 1, word.upper(), rest.strip())
            yield found
            place = _after_heredocs(found, lines, place)


def _escape(lines: list[str]) -> str:
    """The letter that lines go on with: directives stand before all else."""
    for line in lines:
        if not _DIRECTIVE.fullmatch(line.strip()):
            return "\\"
        if found := _ESCAPE.fullmatch(line.strip()):
            return found[1]
    return "\\"


def _says_nothing(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _after_heredocs(found: Instruction, lines: list[str], place: int) -> int:
    word, words = found.word, found.words
    if word == "ONBUILD" and words:
        word = words[0].upper()
    for heredoc in filter(None, map(_HEREDOC.fullmatch, words)) if word in _WITH_HEREDOC else ():
        begin = place
        while place < len(lines) and (lines[place].lstrip("\t") if heredoc[1] else lines[place]) != heredoc[3]:
            place += 1
        if place == len(lines):
            raise ValueError(f"line {begin}: the here-document {heredoc[3][:40]} never ends")
        place += 1
    return place
