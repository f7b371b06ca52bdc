"""Broken inventories: each error names file, line and field, what was expected and the nearest valid spelling."""

import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from tests.growth import calls
from upkeep.answer import Severity
from upkeep.config.inventory import Inventory, current, inventory_path, load
from upkeep.config.schema import inventory_schema, schema_text
from upkeep.config.thresholds import checked
from upkeep.discovery import discover
from upkeep.errors import InventoryError
from upkeep.targets.database import Database
from upkeep.targets.service import Service

PEOPLE = "people: [{name: ann, role: dba, slack: U0ANN}]\n"
SHOP = "databases:\n  - name: shop\n    owner: ann\n    connection: shop_db\n"
CODE = "repositories:\n  - {name: code, owner: ann, path: /srv/code, tags: [internet]}\n"
SERVICE = """services:
  - name: api
    owner: ann
    signals: {{kind: prometheus, connection: prometheus, preset: client, match: job="api"}}
    databases: {}
"""
GOOD = PEOPLE + SHOP  # the databases begin in line 2, the shop's fields in line 3
SECRET = "hunter2"

# What is written, where its error points, and words that it must say.
BROKEN = {
    "a tab": (GOOD + "\tsessions: 2\n", "6", ["not valid YAML", "spaces, never tabs"]),
    "an indentation that is off": (GOOD + "   sessions: 2\n", "6", ["not valid YAML", "indented differently"]),
    "a value on a wrong level": (GOOD + "    tags: x\n      sessions: 2\n", "7", ["not valid YAML", "indented differently"]),
    "a quote that never closes": (GOOD + '    runbook: "https://x\n', "7", ["not valid YAML", "unexpected end"]),
    "a doubled key": (GOOD + "    owner: ann\n", "6: owner", ["written twice (lines 4 and 6)", "keep one"]),
    "a doubled section": (GOOD + SHOP, "6: databases", ["written twice (lines 2 and 6)"]),
    "an unknown field": (GOOD + "    conection: x\n", "6: databases[0].conection", ['did you mean "connection"?']),
    "an unknown section": (GOOD + "databeses: []\n", "6: databeses", ['did you mean "databases"?']),
    "an unknown field of a person": (
        "people:\n  - {name: ann, role: dba, slack: U0ANN, oncall: 1}\n", "2: people[0].oncall", ['did you mean "on_call"?'],
    ),
    "an unknown field inside notify": (GOOD + "notify:\n  chanel: C0A\n", "7: notify.chanel", ['did you mean "channel"?']),
    "an unknown field inside log": (GOOD + "    log:\n      pth: /x\n", "7: databases[0].log.pth", ['did you mean "path"?']),
    "no name": (PEOPLE + "databases:\n  - owner: ann\n    connection: a\n", "3: databases[0].name", ["missing", "Unique"]),
    "no owner": (PEOPLE + "databases:\n  - name: a\n    connection: a\n", "3: databases[0].owner", ["missing", "person"]),
    "nobody": ("databases: []\n", "1: people", ["missing"]),
    "an empty list of people": ("people: []\n", "1: people", ["at least 1 entry"]),
    "a database that a service names and that is none": (
        GOOD + SERVICE.format("[shop, shp]"), "10: services[0].databases[1]", ["none of databases", 'did you mean "shop"?'],
    ),
    "a repository that a service names as its database": (
        GOOD + CODE + SERVICE.format("[code]"), "12: services[0].databases[0]", ["none of databases"],
    ),
    "an owner that is nobody": (GOOD.replace("owner: ann", "owner: anne"), "4: databases[0].owner", ['did you mean "ann"?']),
    "two targets of one name": (
        GOOD + "  - {name: shop, owner: ann, connection: x}\n", "6: databases[1].name", ["already the name of line 3"],
    ),
    "two people of one name": (
        "people:\n  - {name: ann, role: a, slack: U0A}\n  - {name: ann, role: b, slack: U0B}\n",
        "3: people[1].name", ["already the name of line 2"],
    ),
    "two people called first": (
        "people:\n  - {name: ann, role: a, slack: U0A, on_call: 1}\n  - {name: bob, role: b, slack: U0B, on_call: 1}\n",
        "3: people[1].on_call", ["already the number of ann"],
    ),
    "a severity that is none": (GOOD + "    red_at: hihg\n", "6: databases[0].red_at", ["low, medium", 'did you mean "high"?']),
    "a zone that is none": (GOOD + "timezone: Europe/Berln\n", "6: timezone", ['did you mean "Europe/Berlin"?']),
    "a cadence that is none": (GOOD + 'schedule:\n  dayly: "0 0 * * *"\n', "7: schedule.dayly", ['did you mean "daily"?']),
    "a minute that is none": (GOOD + 'schedule:\n  daily: "61 0 * * *"\n', "7: schedule.daily", ["no cron"]),
    "a cron of four fields": (GOOD + 'schedule:\n  daily: "0 0 * *"\n', "7: schedule.daily", ["five fields", "0 6 * * *"]),
    "a day that never comes": (GOOD + 'schedule:\n  daily: "0 0 31 2 *"\n', "7: schedule.daily", ["no cron that ever comes"]),
    "text for a number": (GOOD + "    sessions: many\n", "6: databases[0].sessions", ["a whole number", '"many"']),
    "a fraction of a session": (GOOD + "    sessions: 1.5\n", "6: databases[0].sessions", ["a whole number", '"1.5"']),
    "negative sessions": (GOOD + "    sessions: -1\n", "6: databases[0].sessions", ["greater than or equal to 1", '"-1"']),
    "endless room": (GOOD + "    storage_gb: .inf\n", "6: databases[0].storage_gb", ["a finite number"]),
    "a name that YAML reads as a number": (GOOD.replace("name: shop", "name: 42"), "3: databases[0].name", ["text", "quotes"]),
    "an owner that YAML reads as yes": (GOOD.replace("owner: ann", "owner: on"), "4: databases[0].owner", ["text", "quotes"]),
    "a mapping for a name": (GOOD.replace("name: shop", "name: {a: b}"), "3: databases[0].name", ["text", "a mapping"]),
    "a word for the tags": (GOOD + "    tags: gold\n", "6: databases[0].tags", ["a list"]),
    "a word for a section": (PEOPLE + "databases: shop\n", "2: databases", ["expected a list"]),
    "a word for a target": (PEOPLE + "databases:\n  - shop\n", "3: databases[0]", ["a mapping"]),
    "a runbook that is no link": (GOOD + "    runbook: wiki/shop\n", "6: databases[0].runbook", ["http:// or https://"]),
    "a channel by name": (GOOD + 'notify:\n  channel: "#ops"\n', "7: notify.channel", ["#ops", "C012AB3CD"]),
    "a member by name": ("people:\n  - {name: ann, role: dba, slack: '@ann'}\n", "2: people[0].slack", ["U012AB3CD"]),
    "NUL in a name": (GOOD.replace("name: shop", r'name: "sh\0op"'), "3: databases[0].name", ["control or an invisible"]),
    "a new line in a name": (GOOD.replace("name: shop", r'name: "sh\nop"'), "3: databases[0].name", ["control"]),
    "an invisible space in a name": (GOOD.replace("name: shop", "name: sh\u200bop"), "3: databases[0].name", ["invisible"]),
    "a control character in the file": (GOOD + "\x07", "", ["not valid YAML", "control characters"]),
    "an alias to nothing": (GOOD + "    tags: *gone\n", "6", ["not valid YAML", "undefined alias"]),
    "a list at the top": ("- people\n- databases\n", "1: (whole file)", ["expected a mapping"]),
    "an empty file": ("", "1: people", ["missing"]),
    "a file of one word": ("upkeep\n", "1: (whole file)", ["expected a mapping"]),
    "a circle of aliases": (GOOD + "    tags: &a [*a]\n", "6: databases[0].tags[0]", ["expected text", "a list"]),
    "an object of a program": (GOOD + "    tags: !!python/object:os.system [x]\n", "6", ["not valid YAML"]),
    "thresholds of no duty": (
        GOOD + "    thresholds:\n      sequenses: {high_share: 0.5}\n", "7: databases[0].thresholds.sequenses",
        ["no duty is called that", 'did you mean "sequences"?'],
    ),
    "no such threshold": (
        GOOD + "    thresholds:\n      sequences:\n        hi_share: 0.5\n", "8: databases[0].thresholds.sequences.hi_share",
        ["sequences has no such threshold", 'did you mean "high_share"?'],
    ),
    "text for a threshold": (
        GOOD + "    thresholds:\n      sequences:\n        high_share: lots\n", "8: databases[0].thresholds.sequences.high_share",
        ["expected a number, found text"],
    ),
    "yes for a threshold": (
        GOOD + "    thresholds:\n      sequences: {high_share: yes}\n", "7: databases[0].thresholds.sequences.high_share",
        ["expected a number, found true or false"],
    ),
    "per cent for a share": (
        GOOD + "    thresholds:\n      sequences: {high_share: 80}\n", "7: databases[0].thresholds.sequences.high_share",
        ["between 0 and 1", "80"],
    ),
    "a negative threshold": (
        GOOD + "    thresholds:\n      sequences: {high_share: -1}\n", "7: databases[0].thresholds.sequences.high_share",
        ["zero or more"],
    ),
    "a list for a threshold": (
        GOOD + "    thresholds:\n      sequences: {high_share: [1]}\n", "7: databases[0].thresholds.sequences.high_share",
        ["expected", "a list"],
    ),
    "days by a tag that no repository has": (
        GOOD + CODE + "vulnerability_days: {intarnet: {high: 14}}\n", "8: vulnerability_days.intarnet",
        ["no repository", 'did you mean "internet"?'],
    ),
    "days by the tag of a database": (
        GOOD + "    tags: [gold]\nvulnerability_days: {gold: {high: 14}}\n", "7: vulnerability_days.gold", ["no repository"],
    ),
    "days of a severity that is none": (
        GOOD + CODE + "vulnerability_days:\n  internet: {hihg: 14}\n", "9: vulnerability_days.internet.hihg",
        ["none of low, medium, high, critical", 'did you mean "high"?'],
    ),
    "fewer days than none": (
        GOOD + CODE + "vulnerability_days:\n  internet: {high: -1}\n", "9: vulnerability_days.internet.high",
        ["greater than or equal to 0"],
    ),
    "a number for a tag's days": (
        GOOD + CODE + "vulnerability_days:\n  internet: 14\n", "9: vulnerability_days.internet", ["a mapping"],
    ),
}  # fmt: skip

SECRETS = {
    "a connection that is a URL": GOOD.replace("shop_db", f"postgresql://app:{SECRET}@db/shop"),
    "a connection that is a list of words": GOOD.replace("shop_db", f"host=db password={SECRET}"),
    "a connection that is a mapping": GOOD.replace("shop_db", f"{{host: db, password: {SECRET}}}"),
    "a connection that is a password": GOOD.replace("shop_db", f"{SECRET}!"),
    "a field for the password": GOOD + f"    password: {SECRET}\n",
    "a webhook": GOOD + f"notify:\n  slack_connection: https://hooks.slack.com/services/T0/B0/{SECRET}\n",
    "a token for a channel": GOOD + f"notify:\n  channel: xoxb-{SECRET}\n",
    "a password in a runbook": GOOD + f"    runbook: ftp://app:{SECRET}@db\n",
}


def written(folder: Path, text: str) -> Path:
    path = folder / "inventory.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path) -> str:
    with pytest.raises(InventoryError) as caught:
        checked(path)
    return str(caught.value)


@pytest.mark.parametrize("case", BROKEN)
def test_each_mistake_is_named_with_its_place(tmp_path: Path, case: str) -> None:
    text, place, args = BROKEN[case]
    path = written(tmp_path, text)
    message = refusal(path)
    assert message.startswith(f"{path}:{place}"), message
    assert len(message.splitlines()) == 1, message
    for word in args:
        assert word in message, message


@pytest.mark.parametrize("case", SECRETS)
def test_no_secret_is_repeated(tmp_path: Path, case: str) -> None:
    message = refusal(written(tmp_path, SECRETS[case]))
    assert SECRET not in message
    assert "inventory.yaml:" in message


def test_a_folder_a_missing_file_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}: cannot be read: Is a directory"
    assert "no such file; set UPKEEP_INVENTORY" in refusal(tmp_path / "nowhere.yaml")
    path = tmp_path / "latin.yaml"
    path.write_bytes(GOOD.encode() + b"    tags: [M\xfcnchen]\n")
    assert refusal(path) == f"{path}:6: not UTF-8 text (byte 0xfc); save it as UTF-8"


def test_all_mistakes_are_listed_at_once(tmp_path: Path) -> None:
    text = (
        GOOD.replace("owner: ann", "owner: bob") + "    thresholds: {sequenzes: {}}\n  - {name: x, owner: ann}\ntimezone: Mars\n"
    )
    lines = refusal(written(tmp_path, text)).splitlines()
    assert [line.split(":")[1] for line in lines] == ["8", "7", "6"], lines
    assert refusal(written(tmp_path, text.replace("Mars", "UTC"))).count("\n") == 2


def test_anchors_aliases_and_merge_keys(tmp_path: Path) -> None:
    text = GOOD.replace("- name: shop", "- &usual\n    name: shop") + "  - <<: *usual\n    name: second\n    owner: nobody\n"
    message = refusal(written(tmp_path, text))
    assert "9: databases[1].owner" in message
    inventory = load(written(tmp_path, text.replace("nobody", "ann")))
    assert [t.name for t in inventory.targets] == ["shop", "second", "system"]


def test_a_bomb_of_aliases_is_harmless(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40))
    text = bomb + GOOD + "    tags: *a39\n"
    assert "databases[0].tags[0]: expected text, found a list" in refusal(written(tmp_path, text))
    assert calls(lambda: refusal(written(tmp_path, text))) < 1000 * len(text)


def test_names_may_have_quotes_spaces_and_any_letters(tmp_path: Path) -> None:
    name = """Bestellungen "Süd" d'été 注文"""
    inventory = load(written(tmp_path, GOOD.replace("name: shop", "name: " + json.dumps(name, ensure_ascii=False))))
    assert inventory.target(name).name == name


def test_a_thousand_databases_load_in_proportion(tmp_path: Path) -> None:
    def work(count: int) -> int:
        targets = "".join(f"  - name: db {i}\n    owner: ann\n    connection: db_{i}\n    tags: [a, b]\n" for i in range(count))
        path = written(tmp_path, PEOPLE + "databases:\n" + targets)
        return calls(lambda: checked(path))

    discover()
    assert work(1000) < 11 * work(100), "it must not grow with the square of the targets"


def test_what_a_good_file_gives(tmp_path: Path) -> None:
    inventory = checked(written(tmp_path, GOOD + "    red_at: medium\n    thresholds: {sequences: {high_share: 1}}\n"))
    (shop,) = inventory.of(Database)
    assert shop.red_severity is Severity.MEDIUM
    assert inventory.zone.key == "UTC"
    assert inventory.person("ann").slack == "U0ANN"
    with pytest.raises(InventoryError, match='no target is called "shp"; did you mean "shop"'):
        inventory.target("shp")


def test_a_person_needs_no_slack(tmp_path: Path) -> None:
    inventory = load(written(tmp_path, "people: [{name: ann, role: dba}]\n" + SHOP))
    assert inventory.person("ann").slack is None
    jsonschema.validate({"people": [{"name": "ann", "role": "dba"}]}, json.loads(schema_text(discover())))


def test_a_service_names_what_it_is_made_of(tmp_path: Path) -> None:
    good = GOOD + CODE + SERVICE.format("[shop]") + "    repositories: [code]\n"
    (api,) = load(written(tmp_path, good)).of(Service)
    assert (api.databases, api.repositories) == (("shop",), ("code",))


def test_thresholds_keep_their_type(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD + "    thresholds: {any: {whole: 3, part: 0.5, word: x, flag: true}}\n")
    (shop,) = load(path).of(Database)
    assert [type(v) for v in shop.thresholds["any"].values()] == [int, float, str, bool]


def test_days_by_tag_reach_the_repositories_that_have_it(tmp_path: Path) -> None:
    more = "  - {name: tools, owner: ann, path: /srv/tools}\nvulnerability_days: {internet: {critical: 3, high: 14.5}}\n"
    inventory = checked(written(tmp_path, GOOD + CODE + more))
    assert inventory.target("code").thresholds == {"vulnerabilities": {"critical_days": 3, "high_days": 14.5}}
    assert inventory.target("tools").thresholds == {}


def test_the_setting_decides_which_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPKEEP_INVENTORY", str(written(tmp_path, GOOD)))
    current.cache_clear()
    found: Inventory = current()
    current.cache_clear()
    assert [t.name for t in found.of(Database)] == ["shop"]


def sample() -> Path:
    return Path(__file__).parents[2] / "include/inventory.yaml"


def test_the_sample_is_valid_and_names_its_schema() -> None:
    assert checked(sample()).targets
    assert sample().read_text().startswith("# yaml-language-server: $schema=inventory.schema.json")
    assert inventory_path().name == "inventory.yaml"


def test_the_schema_is_up_to_date() -> None:
    committed = sample().with_name("inventory.schema.json").read_text()
    assert committed == schema_text(discover()), "run `upkeep inventory --schema > include/inventory.schema.json` and commit it"


def test_the_schema_agrees_with_the_models() -> None:
    schema = inventory_schema(discover())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load(sample().read_text()), schema)
    validator = jsonschema.Draft202012Validator(schema)
    for case in ("an unknown field", "no owner", "no such threshold", "a channel by name", "negative sessions",
                 "days of a severity that is none", "fewer days than none"):  # fmt: skip
        assert list(validator.iter_errors(yaml.safe_load(BROKEN[case][0]))), case
