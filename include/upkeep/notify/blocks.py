"""
Slack's blocks, within Slack's limits.

A message may have 50 blocks, a section's text 3,000 characters, a header 150, a section ten fields. Not documented, but met in
practice: blocks of more than about 13,000 characters in all are refused (msg_blocks_too_long), and a fallback text of more than
about 4,000 is split into several messages. We stay below all of them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from upkeep.humanize import plural
from upkeep.notify.text import plain, safe, size

Block = dict[str, Any]

MOST_BLOCKS = 48  # two are left for what delivery may add
MOST_TEXT = 12_000
_HEADER = 150
_SECTION = 2_900
_FALLBACK = 3_000


def header(text: str) -> Block:
    """A title."""
    return {"type": "header", "text": {"type": "plain_text", "text": plain(text, _HEADER), "emoji": True}}


def section(lines: Iterable[str]) -> Block:
    """Lines that are mrkdwn already; those that do not fit are left out."""
    return {"type": "section", "text": _mrkdwn(_fitting(lines))}


def fields(pairs: Iterable[tuple[str, int]]) -> Block:
    """Up to ten numbers with their names; those that are 0 are left out."""
    texts = [_mrkdwn(f"*{name}*\n{number:,}") for name, number in pairs if number]
    return {"type": "section", "fields": texts[:10]} if texts else section(["Nothing to report."])


def context(text: str) -> Block:
    """A line in small type, mrkdwn already."""
    return {"type": "context", "elements": [_mrkdwn(_fitting([text]))]}


def body(text: str, blocks: Iterable[Block]) -> dict[str, Any]:
    """A message: foreign `text` for notifications, and the blocks."""
    return {"text": safe(text, _FALLBACK), "blocks": list(blocks)}


def weight(blocks: Iterable[Block]) -> int:
    """Characters that Slack counts."""
    return sum(_weight(block) for block in blocks)


def repeated(body: Mapping[str, Any]) -> dict[str, Any]:
    """The message with a note that it may have come before."""
    note = context("_This may be a repeat: an earlier attempt ended without an answer from Slack._")
    return {**body, "blocks": [*body["blocks"], note]}


def with_counted(body: Mapping[str, Any], failures: int) -> dict[str, Any]:
    """The message with the number of failures that were not sent on their own."""
    if not failures:
        return dict(body)
    note = context(f"_{plural(failures, 'more failure')} had no message of {'its' if failures == 1 else 'their'} own._")
    return {**body, "blocks": [*body["blocks"], note]}


def _mrkdwn(text: str) -> Block:
    # verbatim: Slack makes no links, channels or names out of foreign words.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _fitting(lines: Iterable[str]) -> str:
    kept: list[str] = []
    for line in lines:
        if size("\n".join([*kept, line])) > _SECTION:
            break
        kept.append(line)
    return "\n".join(kept) or "…"


def _weight(block: Any) -> int:
    if isinstance(block, str):
        return size(block)
    if isinstance(block, list):
        return sum(_weight(part) for part in block)
    return (
        sum(_weight(part) for key, part in block.items() if key in {"text", "fields", "elements"})
        if isinstance(block, dict)
        else 0
    )
