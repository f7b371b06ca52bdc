"""The list of rules as a document, made of their own texts: `python -m upkeep.opportunities.document`."""

from collections.abc import Iterator
from pathlib import Path

from upkeep.opportunities.rule import Rule
from upkeep.opportunities.rules import every_action, every_rule
from upkeep.sources.aws_policy import reading_policy

DOCUMENT = Path("docs/opportunities.md")
_HEAD = Path(__file__).with_name("document.md")
_POLICY = "## The policy\n\nAll that the rules ask of AWS, as `upkeep doctor` prints it:\n\n```json\n{}\n```\n"


def document() -> str:
    """The whole text."""
    rows = "\n".join(f"| [{each.name}](#{each.name}) | {each.title} | {each.looks} | {each.effort} |" for each in every_rule())
    return "\n".join(
        [
            _HEAD.read_text(encoding="utf-8") + rows + "\n",
            *(_entry(each) for each in every_rule()),
            _POLICY.format(reading_policy(every_action())),
        ]
    )


def _entry(each: Rule) -> str:
    return "\n\n".join(_blocks(each)) + "\n"


def _blocks(each: Rule) -> Iterator[str]:
    yield f"## {each.name}"
    yield f"**{each.title}.**"
    yield each.text.strip().partition("\n")[2].strip()
    if each.actions:
        yield f"Needs {', '.join(f'`{action}`' for action in each.actions)}."


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
