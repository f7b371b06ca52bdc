"""Commands about files: the inventory, and documents that are generated from the code."""

import argparse
from pathlib import Path

from upkeep import catalogue as catalogue_document
from upkeep.cli.given import the_inventory
from upkeep.cli.out import PERSON_NEEDED, WELL, say, warn
from upkeep.config.inventory import inventory_path
from upkeep.config.schema import schema_text
from upkeep.config.waivers import load_waivers, waivers_path
from upkeep.discovery import discover
from upkeep.humanize import plural
from upkeep.targets import kinds

CATALOGUE = Path("docs/catalogue.md")


def inventory(given: argparse.Namespace) -> int:
    """Show the inventory, check it, or print its schema."""
    if given.schema:
        say(schema_text(discover()).rstrip())
        return WELL
    found = the_inventory()
    waivers = load_waivers(waivers_path(), found, discover())
    if given.check:
        say(f"{inventory_path()}: {plural(len(found.targets), 'target')}, {plural(len(waivers), 'waiver')}, nothing wrong")
        return WELL
    for section, kind in kinds().items():
        for target in found.of(kind):
            asked = sum(isinstance(target, duty.target) for duty in discover())
            say(f"{section}: {target.name}, owned by {target.owner}, red at {target.red_at}, {plural(asked, 'duty', 'duties')}")
    return WELL


def catalogue(given: argparse.Namespace) -> int:
    """Write docs/catalogue.md, or say whether it is up to date."""
    return write_or_check("catalogue", CATALOGUE, catalogue_document.catalogue(discover()), check=given.check)


def dictionary(_: argparse.Namespace) -> int:
    """Write the data dictionary from the catalog of a freshly migrated scratch server."""
    from upkeep.store.dictionary import DOCUMENT, main

    main()
    say(f"{DOCUMENT} is up to date")
    return WELL


def write_or_check(command: str, path: Path, text: str, *, check: bool) -> int:
    """Write a generated document where it belongs, or compare it with what is there."""
    if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
        warn(f"{path} is not up to date: run `upkeep {command}` and commit it")
        return PERSON_NEEDED
    if not check:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    say(f"{path} is up to date")
    return WELL
