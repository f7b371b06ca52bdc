"""Words for Slack: foreign text made harmless, cut to size, and linked."""

import re
from collections.abc import Callable

from upkeep.remedy import parts

_NOISE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MOST_PIECES, _LONGEST_CODE = 6, 500
_SLACK_ID = re.compile(r"[UWS][A-Z0-9]{2,}")


def size(text: str) -> int:
    """How long Slack counts it: in UTF-16 units, so that an emoji is two."""
    return len(text) + sum(ord(c) > 0xFFFF for c in text)  # noqa: PLR2004 - end of the basic plane


def plain(text: str, limit: int) -> str:
    """One line, without control characters, at most `limit` long; for headers, where nothing is markup."""
    return _cut(_line(text), limit, size)


def safe(text: str, limit: int) -> str:
    """
    One line as mrkdwn, at most `limit` long after escaping, never cut inside an entity.

    `&`, `<` and `>` are escaped, so no mention, channel or link of Slack's can be smuggled in. A backtick would swallow
    what follows as code: it becomes an apostrophe.
    """
    return "".join(_ENTITIES.get(c, c) for c in _cut(_line(text).replace("`", "'"), limit, lambda c: size(_ENTITIES.get(c, c))))


def remedy_lines(begin: str, remedy: str) -> list[str]:
    """What to do, a line for each piece: what pastes is code, the words around it are not."""
    lines = [_pasted(part.text) if part.kind != "words" else safe(part.text, 400) for part in parts(remedy)[:_MOST_PIECES]]
    return [begin + lines[0], *lines[1:]] if lines else []


def _pasted(text: str) -> str:
    """Code, unless it is too long or holds a backtick: cut or altered it must not be pasted."""
    whole = safe(text, _LONGEST_CODE)
    return f"`{whole}`" if "`" not in text and size(_line(text)) <= _LONGEST_CODE and not whole.endswith("…") else whole


def link(url: str, text: str) -> str:
    """A link; `text` is foreign, `url` is made by us and percent-encoded."""
    return f"<{url}|{safe(text, 80).replace('|', '¦')}>"


def given_link(url: str, text: str) -> str:
    """A link from the inventory, or only its text when the address is too odd or too long for Slack's markup."""
    fits = re.fullmatch(r"https?://[^\s<>|]{1,500}", url)
    return f"<{url.replace('&', '&amp;')}|{safe(text, 80).replace('|', '¦')}>" if fits else safe(text, 80)


def mention(slack_id: str, name: str = "") -> str:
    """Call a person (U…, W…) or a group (S…) by Slack id; of who has none only the name is said."""
    if not _SLACK_ID.fullmatch(slack_id):
        return safe(name, 100)
    return f"<!subteam^{slack_id}>" if slack_id.startswith("S") else f"<@{slack_id}>"


def _line(text: str) -> str:
    return " ".join(_NOISE.sub(" ", text).split())


def _cut(text: str, limit: int, width: Callable[[str], int]) -> str:
    used, fitting = 0, 0
    for index, character in enumerate(text):
        used += width(character)
        fitting = index + 1 if used < limit else fitting
        if used > limit:
            return text[:fitting] + "…"
    return text
