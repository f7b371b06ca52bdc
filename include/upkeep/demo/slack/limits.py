"""What Slack refuses: the limits of a message and of its blocks, as api.slack.com/reference/block-kit states them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

BLOCKS = 50
TEXT, SECTION, HEADER, FIELD = 40_000, 3_000, 150, 2_000
FIELDS, CONTEXT, BUTTONS = 10, 10, 25
BUTTON_TEXT, LINK, BLOCK_ID = 75, 3_000, 255

Block = Mapping[str, Any]


def refusal(text: Any, blocks: Any) -> str | None:
    """Slack's word for what is wrong with a message, or None when it would take it."""
    if text is not None and not isinstance(text, str):
        return "invalid_arguments"
    if not blocks:
        return None if text else "no_text"
    if text and len(text) > TEXT:
        return "msg_too_long"
    return "invalid_blocks" if next(problems(blocks), None) else None


def problems(blocks: Any) -> Iterator[str]:
    """Everything wrong with the blocks, in words."""
    if not isinstance(blocks, list) or not all(isinstance(b, dict) for b in blocks):
        yield "blocks is no list of objects"
        return
    if len(blocks) > BLOCKS:
        yield f"{len(blocks)} blocks; at most {BLOCKS}"
    for number, block in enumerate(blocks):
        if len(str(block.get("block_id", ""))) > BLOCK_ID:
            yield f"block {number}: block_id longer than {BLOCK_ID}"
        judge = _KINDS.get(str(block.get("type")))
        yield from (f"block {number}: {problem}" for problem in (judge(block) if judge else ["unknown type"]))


def _section(block: Block) -> Iterator[str]:
    text, fields = block.get("text"), block.get("fields")
    if text is None and not fields:
        yield "a section needs text or fields"
    if text is not None:
        yield from _text(text, SECTION)
    if fields is not None:
        yield from _several(fields, FIELDS, lambda field: _text(field, FIELD))


def _header(block: Block) -> Iterator[str]:
    text = block.get("text")
    yield from _text(text, HEADER)
    if isinstance(text, dict) and text.get("type") != "plain_text":
        yield "a header is plain_text"


def _context(block: Block) -> Iterator[str]:
    yield from _several(block.get("elements"), CONTEXT, lambda element: _text(element, SECTION))


def _actions(block: Block) -> Iterator[str]:
    yield from _several(block.get("elements"), BUTTONS, _button)


def _button(element: Any) -> Iterator[str]:
    if not isinstance(element, dict) or element.get("type") != "button":
        yield "only buttons are known here"
        return
    yield from _text(element.get("text"), BUTTON_TEXT)
    if len(str(element.get("url", ""))) > LINK:
        yield f"a link longer than {LINK}"


def _divider(_block: Block) -> Iterator[str]:
    yield from ()


def _text(content: Any, most: int) -> Iterator[str]:
    if not isinstance(content, dict) or content.get("type") not in {"mrkdwn", "plain_text"}:
        yield "a text is an object of type mrkdwn or plain_text"
        return
    length = len(content["text"]) if isinstance(content.get("text"), str) else 0
    if not 0 < length <= most:
        yield f"a text of {length:,} characters; 1 to {most:,} are allowed"


def _several(content: Any, most: int, judge: Callable[[Any], Iterator[str]]) -> Iterator[str]:
    if not isinstance(content, list) or not 0 < len(content) <= most:
        yield f"1 to {most} elements are allowed"
        return
    for element in content:
        yield from judge(element)


_KINDS: Mapping[str, Callable[[Block], Iterator[str]]] = {
    "section": _section,
    "header": _header,
    "context": _context,
    "actions": _actions,
    "divider": _divider,
}
