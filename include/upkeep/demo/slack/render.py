"""Messages as a page: blocks and Slack's markup to HTML, everything escaped."""

import html
import re
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from upkeep.demo.slack.messages import Message, Messages

if TYPE_CHECKING:
    from jinja2 import Template

EMOJI = {
    "red_circle": "🔴",
    "large_orange_circle": "🟠",
    "large_yellow_circle": "🟡",
    "white_circle": "⚪",
    "large_green_circle": "🟢",
    "large_blue_circle": "🔵",
    "white_check_mark": "✅",
    "x": "❌",
    "warning": "⚠️",
    "question": "❓",
    "grey_question": "❔",
    "hourglass_flowing_sand": "⏳",
    "rotating_light": "🚨",
    "bell": "🔔",
    "no_bell": "🔕",
    "book": "📖",
    "mag": "🔍",
    "wrench": "🔧",
    "new": "🆕",
    "zzz": "💤",
    "memo": "📝",
    "bar_chart": "📊",
    "fire": "🔥",
    "recycle": "♻️",
    "heavy_check_mark": "✔️",
}
_CODE = re.compile(r"```(.+?)```|`([^`\n]+)`", re.DOTALL)
_LINK = re.compile(r"&lt;(.+?)(?:\|(.+?))?&gt;")
_STYLES = (
    (re.compile(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])"), r"<b>\1</b>"),
    (re.compile(r"(?<![\w_])_([^_\n]+)_(?![\w_])"), r"<i>\1</i>"),
    (re.compile(r"(?<![\w~])~([^~\n]+)~(?![\w~])"), r"<s>\1</s>"),
)


def page(channel: str, messages: Messages) -> str:
    """The whole channel, threads below their messages."""
    shown = [(m, [r for r in messages.thread(channel, m.ts) if r.ts != m.ts]) for m in messages.channel(channel)]
    return _template().render(channel=channel, messages=shown, text=text, clock=clock, address=address)


def text(content: Any) -> str:
    """A text object, or a plain string of markup, as HTML."""
    if isinstance(content, dict) and content.get("type") == "plain_text":
        return _emoji(html.escape(str(content.get("text", ""))))
    raw = content.get("text", "") if isinstance(content, dict) else content
    return markup(str(raw))


def markup(raw: str) -> str:
    """Slack's mrkdwn as HTML. Slack's three escapes (&amp; &lt; &gt;) stay what they are."""
    parts, end = [], 0
    for match in _CODE.finditer(raw):
        block, code = match.groups()
        parts += [_flow(raw[end : match.start()]), f"<pre>{_safe(block)}</pre>" if block else f"<code>{_safe(code)}</code>"]
        end = match.end()
    return "".join([*parts, _flow(raw[end:])])


def address(url: Any) -> str:
    """A link that is safe to follow, else nothing."""
    found = str(url or "")
    return found if found.startswith(("http://", "https://")) else ""


def clock(message: Message) -> str:
    """When it was sent, in UTC."""
    return datetime.fromtimestamp(float(message.ts), UTC).strftime("%d %b %H:%M:%S")


def _flow(raw: str) -> str:
    """Text between pieces of code. Slack's own <…> become links; what the sender escaped stays text."""
    escaped = raw.replace("<", "\x01").replace(">", "\x02")
    safe = _safe(escaped)
    linked = _LINK.sub(_link, safe.replace("\x01", "&lt;").replace("\x02", "&gt;")) if "\x01" in safe else safe
    for pattern, made in _STYLES:
        linked = pattern.sub(made, linked)
    return _emoji(linked).replace("\n", "<br>")


def _safe(raw: str) -> str:
    return html.escape(html.unescape(raw), quote=True)


def _link(match: re.Match[str]) -> str:
    target, label = match.groups()
    if target.startswith(("http://", "https://")):
        return f'<a href="{target}" target="_blank" rel="noopener">{label or target}</a>'
    if target.startswith(("@", "#", "!")):
        return f"<b>@{label or target[1:]}</b>"
    return match.group(0)


def _emoji(safe: str) -> str:
    return re.sub(r":([a-z_]+):", lambda m: EMOJI.get(m[1], m[0]), safe)


@cache
def _template() -> "Template":
    from jinja2 import Environment

    source = (files("upkeep.demo.slack") / "page.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(source)
