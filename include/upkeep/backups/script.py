"""The text of a dump, cut into statements that can be compared whatever their order."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""
      (?P<space>\s+|--[^\n]*)
    | (?P<string>[eE]'(?:[^'\\]|\\.|'')*' | (?:[bBxXnN]|[uU]&)?'(?:[^']|'')*')
    | (?P<name>(?:[uU]&)?"(?:[^"]|"")*")
    | (?P<dollar>\$(?:[^\W\d]\w*)?\$)
    | (?P<word>[^\W\d][\w$]*)
    | (?P<other>[\d.]+|/\*|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_CLOSED = re.compile(r"/\*|\*/")
_COPY = re.compile(r"COPY .* FROM stdin", re.DOTALL)
_PLACES = {"default_tablespace", "default_table_access_method"}
_SET = re.compile(r"SET (?:(SESSION AUTHORIZATION|ROLE) |(\w+) = )(.+)", re.DOTALL)
_WITH_PLACE = re.compile(
    r"CREATE (?:UNLOGGED |UNIQUE )?(?:TABLE|INDEX|MATERIALIZED VIEW) "
    r"|ALTER TABLE .* ADD CONSTRAINT .* (?:PRIMARY KEY|UNIQUE|EXCLUDE)",
    re.DOTALL,
)
_WITH_METHOD = re.compile(r"CREATE (?:UNLOGGED )?(?:TABLE|MATERIALIZED VIEW) (?!.* PARTITION BY )", re.DOTALL)
_TABLE = re.compile(r'CREATE (?:UNLOGGED |FOREIGN )?TABLE (?:"(?:[^"]|"")*"\.)?"((?:[^"]|"")*)" ')
_NOT_NULL = re.compile(r'CONSTRAINT "((?:[^"]|"")*)_not_null\d*" NOT NULL')
_CHILD = re.compile(r"CREATE (?:UNLOGGED |FOREIGN )?TABLE [^(]+ \(.*\) INHERITS \(", re.DOTALL)
_PART = r'(?:"(?:[^"]|"")*"|[\w$]+)'
NAME = rf"{_PART}(?:\.{_PART})*"
_RIGHTS = re.compile(rf"(GRANT|REVOKE) .*? ON (.+?) (?:TO|FROM) ({NAME})(?: WITH GRANT OPTION)?$", re.DOTALL)
_HEAD = re.compile(rf"(?:[A-Z]+ )+(?:{NAME}|\()(?:\([^()]*\))?", re.DOTALL)
_POLICY = re.compile(rf"(CREATE POLICY {NAME} ON {NAME}(?: AS [A-Z]+)?(?: FOR [A-Z]+)? TO )({NAME}(?:, {NAME})*)")
_ABOUT = re.compile(rf"(COMMENT|SECURITY LABEL FOR {NAME}) ON .+? IS (?=NULL|')", re.DOTALL)
_OF_TABLE = re.compile(
    rf"CREATE (?:RULE .*?( TO {NAME})|(?:CONSTRAINT TRIGGER|TRIGGER|POLICY|UNIQUE INDEX|INDEX) .*?( ON (?:ONLY )?{NAME}))",
    re.DOTALL,
)
_ACTION = re.compile(rf" (?:[A-Z]+ )+(?:{NAME})")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its words, and what was set for it (tablespace, access method, who acts)."""

    text: str
    context: tuple[str, ...] = ()

    @property
    def head(self) -> str:
        """What it is about: its first words, up to the names of the object and of the part of it."""
        if rights := _RIGHTS.match(self.text):
            return f"{rights[1]} ON {rights[2]} {'TO' if rights[1] == 'GRANT' else 'FROM'} {rights[3]}"
        if about := _ABOUT.match(self.text):
            return about[0].removesuffix(" IS ")
        match = _HEAD.match(self.text)
        if not match:
            return self.text[:80]
        if table := _OF_TABLE.match(self.text):
            return match[0] + (table[1] or table[2])
        action = _ACTION.match(self.text, match.end()) if self.text.startswith("ALTER") else None
        return match[0] + (action[0] if action else "")


def statements(script: str) -> tuple[Statement, ...]:
    """
    The statements of a plain dump, without comments, preamble and psql's own commands.

    A setting that the next statements depend on becomes a part of them, so that their order does not matter.
    """
    reader = _Reader()
    return tuple(reader.read(script))


@dataclass
class _Reader:
    """`places` are the settings for relations to come, `actor` who acts; `doubled` means that backslashes in strings are."""

    places: dict[str, str] = field(default_factory=dict)
    actor: str = ""
    doubled: bool = False

    def read(self, script: str) -> Iterator[Statement]:
        """Every statement that counts."""
        for text in _Texts(script, self._string):
            setting = _SET.fullmatch(text)
            if setting:
                self._set(setting[1] or setting[2], setting[3])
            elif text.startswith("RESET SESSION AUTHORIZATION"):
                self.actor = ""
            elif not text.startswith("SELECT pg_catalog.set_config("):
                yield Statement(_sorted(text), tuple(self._context(text)))

    def _set(self, name: str, value: str) -> None:
        if name in _PLACES:
            self.places[name] = value
        elif name == "standard_conforming_strings":
            self.doubled = value == "off"
        elif name in {"SESSION AUTHORIZATION", "ROLE"}:
            self.actor = "" if value in {"DEFAULT", "NONE"} else value

    def _context(self, text: str) -> Iterator[str]:
        if self.actor:
            yield f"as {self.actor}"
        tablespace, method = (self.places.get(name, "") for name in ("default_tablespace", "default_table_access_method"))
        if tablespace.strip("'\"") and _WITH_PLACE.match(text):
            yield f"in tablespace {tablespace}"
        if method and _WITH_METHOD.match(text):
            yield f"using {method}"

    def _string(self, text: str) -> str:
        return text.replace("\\\\", "\\") if self.doubled and text.startswith("'") else text


@dataclass
class _Texts:
    """Where the reader is: the words of the statement so far, its keywords, open parentheses and open blocks."""

    script: str
    string: Callable[[str], str]
    place: int = 0
    tokens: list[str] = field(default_factory=list)
    keywords: list[str] = field(default_factory=list)
    depth: int = 0
    blocks: int = 0

    def __iter__(self) -> Iterator[str]:
        while self.place < len(self.script):
            match = _TOKEN.match(self.script, self.place)
            assert match  # noqa: S101 - any character is one
            self.place = match.end()
            if match[0] == ";" and not self.depth and not self.blocks:
                yield from self._end()
            else:
                self._take(match)
        yield from self._end()

    def _take(self, match: re.Match[str]) -> None:
        kind, text = match.lastgroup, match[0]
        if text == "\\" and not self.tokens:
            self.place = _line_end(self.script, self.place)
        elif kind == "space" or text == "/*":
            self.place = self.place if kind == "space" else _comment_end(self.script, self.place)
            if self.tokens and self.tokens[-1] != " ":
                self.tokens.append(" ")
        elif kind == "dollar":
            end = self.script.find(text, self.place)
            self.place = len(self.script) if end < 0 else end + len(text)
            self.tokens.append(self.script[match.start() : self.place])
        else:
            self.tokens.append(self.string(text) if kind == "string" else text)
            self.depth += (text == "(") - (text == ")")
            self._count(text.upper() if kind == "word" else "")

    def _count(self, keyword: str) -> None:
        self.keywords.append(keyword)
        if self.blocks:
            self.blocks += (keyword == "CASE") - (keyword == "END")
        elif self.keywords[-2:] == ["BEGIN", "ATOMIC"] and self.keywords[0] == "CREATE":
            self.blocks = int(bool({"FUNCTION", "PROCEDURE"} & set(self.keywords[:4])))

    def _end(self) -> Iterator[str]:
        text = "".join(self.tokens).strip()
        self.tokens, self.keywords, self.depth, self.blocks = [], [], 0, 0
        if _COPY.fullmatch(text):
            self.place = _rows_end(self.script, self.place)
        if text:
            yield text


def _sorted(text: str) -> str:
    """
    What a restore puts into another order or under another name, in a fixed one.

    The columns of a table that inherits follow its parent's; the roles of a policy follow each other as they were made. The name
    of a not null that the server made depends on which names were taken.
    """
    if policy := _POLICY.match(text):
        roles = ", ".join(sorted(re.findall(NAME, policy[2])))
        return f"{policy[1]}{roles}{text[policy.end() :]}"
    if table := _TABLE.match(text):
        start = table[1][:20]
        text = _NOT_NULL.sub(lambda found: "NOT NULL" if found[1].startswith(start) else found[0], text)
    if not (table and _CHILD.match(text)):
        return text
    begin, depth, items = text.index("(") + 1, 1, [""]
    place = begin
    while depth:
        match = _TOKEN.match(text, place)
        if not match:
            return text
        place = match.end()
        depth += (match[0] == "(") - (match[0] == ")")
        if match[0] == "," and depth == 1:
            items.append("")
        elif depth:
            items[-1] += match[0]
    return text[:begin] + ", ".join(sorted(item.strip() for item in items)) + text[place - 1 :]


def _line_end(script: str, place: int) -> int:
    end = script.find("\n", place)
    return len(script) if end < 0 else end + 1


def _comment_end(script: str, place: int) -> int:
    depth = 1
    for match in _CLOSED.finditer(script, place):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    return len(script)


def _rows_end(script: str, place: int) -> int:
    end = re.compile(r"^\\\.\n?", re.MULTILINE).search(script, place)
    return end.end() if end else len(script)
