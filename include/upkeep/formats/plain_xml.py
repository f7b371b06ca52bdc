"""
XML as a tree of plain elements: names without namespaces, attributes, text.

A document type is refused, and with it every entity that is not of XML itself: none can grow, or point to a file or an address.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

_DEEPEST = 200


class XmlError(ValueError):
    """The text is no XML that is read here; the message says why, by line."""


@dataclass(slots=True)
class Element:
    """One element; `attributes` and `name` carry no namespace, `text` is what stands in it directly, stripped."""

    name: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text that stands in it directly."""
        return "".join(self.texts).strip()

    def every(self, *path: str) -> Iterator["Element"]:
        """The elements at the end of a path of names below this one."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.name == path[0]:
                yield from child.every(*path[1:])

    def first(self, *path: str) -> "Element | None":
        """The first of them, or None."""
        return next(self.every(*path), None)

    def text_at(self, *path: str) -> str | None:
        """The text of the first of them; None where there is none, or it is empty."""
        found = self.first(*path)
        return (found.text or None) if found else None


def xml_tree(raw: bytes) -> Element:
    """The root of a document. Raises XmlError for what is none, for a document type, and for what is nested too deep."""
    reader = _Reader()
    try:
        reader.parser.Parse(raw, True)  # noqa: FBT003 - expat's own form
    except expat.ExpatError as error:
        raise XmlError(f"line {error.lineno}: no XML ({expat.ErrorString(error.code)})") from None
    except (LookupError, ValueError) as error:
        raise error if isinstance(error, XmlError) else XmlError(f"its encoding cannot be read: {error}") from None
    if reader.root is None:
        raise XmlError("it holds no element")
    return reader.root


class _Reader:
    """Builds the tree while expat reads."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line = self.parser.CurrentLineNumber
        if len(self._open) >= _DEEPEST:
            raise XmlError(f"line {line}: nested too deep to be read")
        element = Element(_bare(name), line, {_bare(key): value for key, value in attributes.items()})
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].texts.append(text)

    def _doctype(self, name: str, *_more: object) -> None:
        line = self.parser.CurrentLineNumber
        raise XmlError(
            f"line {line}: has a document type ({name[:40]}), which is not read: entities in it may grow or point elsewhere"
        )


def _bare(name: str) -> str:
    return name.rpartition(" ")[2]
