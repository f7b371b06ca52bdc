"""
YAML to plain values without recursion: PyYAML's own composer can be made to crash the process by a file that nests deep.

Every scalar is text as it stands there. Aliases, keys that stand twice or are no text, and deep nesting are refused by line.
"""

from typing import TYPE_CHECKING, Any

from upkeep.formats.lockfiles.registry import UnreadableError
from upkeep.formats.lockfiles.text import shown

if TYPE_CHECKING:
    import yaml

_DEEP = 100


def yaml_values(text: str) -> list[Any]:
    """The documents of a YAML file. Raises UnreadableError for what is refused, and YAMLError for what is no YAML."""
    import yaml

    tree = _Tree()
    for event in yaml.parse(text, Loader=yaml.CBaseLoader):
        if isinstance(event, yaml.AliasEvent):
            raise _refused(event, "a YAML alias, which no lockfile has")
        if isinstance(event, yaml.ScalarEvent):
            tree.put(event.value, event)
        elif isinstance(event, yaml.CollectionStartEvent):
            tree.open({} if isinstance(event, yaml.MappingStartEvent) else [], event)
        elif isinstance(event, yaml.CollectionEndEvent):
            tree.stack.pop()
    return tree.documents


class _Tree:
    """Documents as they grow: the collections that are open, and the key that waits for its value in each mapping."""

    def __init__(self) -> None:
        self.documents: list[Any] = []
        self.stack: list[tuple[Any, list[str]]] = []

    def open(self, collection: Any, event: "yaml.Event") -> None:
        self.put(collection, event)
        if len(self.stack) >= _DEEP:
            raise _refused(event, "nested too deep to be read")
        self.stack.append((collection, []))

    def put(self, value: Any, event: "yaml.Event") -> None:
        if not self.stack:
            self.documents.append(value)
            return
        collection, waiting = self.stack[-1]
        if isinstance(collection, list):
            collection.append(value)
        elif waiting:
            collection[waiting.pop()] = value
        else:
            waiting.append(_key(value, collection, event))


def _key(value: Any, collection: dict[str, Any], event: "yaml.Event") -> str:
    if not isinstance(value, str):
        raise _refused(event, "a key that is no text")
    if value in collection:
        raise _refused(event, f'the key "{shown(value)}" stands twice in one mapping')
    return value


def _refused(event: "yaml.Event", why: str) -> UnreadableError:
    line = event.start_mark.line + 1 if event.start_mark else 0
    return UnreadableError(f"line {line}: {why}")
