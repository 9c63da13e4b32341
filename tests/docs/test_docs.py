"""The documents say what is so: settings, rules, links, commands and the sample scenario."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import SecretStr

from commands.main import app
from dunning.receivables import case_id_of
from runtime.configuration import CONFIG_FILE, OF_COMMANDS, WrongSettings
from runtime.settings import Settings
from runtime.temporal import connection
from simulation.scenario import Call, read_scenario
from tests.unconfigured import bare
from workflows.search_attributes import SEARCH_ATTRIBUTES

__all__ = ["bare"]

ROOT = Path(__file__).parent.parent.parent
RULES = ROOT / "docs" / "rules.md"
OPERATING = ROOT / "docs" / "operating.md"
SAMPLE = ROOT / "simulation" / "samples" / "forty_orders.jsonl"
FRONT = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
DOCUMENTS = [*FRONT, ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
FOLDERS = sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))

LINK = re.compile(r"\]\(([^)\s]+)\)")
PLACE = re.compile(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]*)`")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
SETTING = re.compile(r"^\| `((?:DUNNING|TEMPORAL)_\w+)` \| (?:`([^`]*)`|(none)) \|", re.MULTILINE)


def text_of(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


def anchors_of(document: Path) -> set[str]:
    """The headings, as links name them."""
    headings = HEADING.findall(re.sub(r"```.*?```", "", text_of(document), flags=re.DOTALL))
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


def as_variable(default: Any) -> str | None:
    """A default as one would write it into the environment."""
    if default is None:
        return None
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    return str(default).lower() if isinstance(default, bool) else str(default)


def settings() -> dict[str, str | None]:
    """The variables that every process reads, with their defaults."""
    return {
        f"DUNNING_{name.upper()}": as_variable(field.default)
        for name, field in Settings.model_fields.items()
    }


def variables_of_commands() -> dict[str, str | None]:
    """The variables that stand for an option of a command, with their defaults."""
    found = {}
    waiting: list[Any] = [typer.main.get_command(app)]
    while waiting:
        command = waiting.pop()
        waiting += getattr(command, "commands", {}).values()
        for option in command.params:
            if option.envvar:
                found[option.envvar] = as_variable(option.default)
    return found


def listed(prefix: str) -> dict[str, str | None]:
    """The settings in the tables of the document, with their defaults."""
    found = SETTING.findall(text_of(OPERATING))
    return {name: given or None for name, given, _ in found if name.startswith(prefix)}


def words_after(program: str, document: Path) -> Iterator[str]:
    """What follows a program's name wherever the document shows code, comments aside."""
    call = re.compile(rf"(?:^|[\s`/]){program} ([a-z-]+(?: [a-z]+)?)", re.MULTILINE)
    for code in CODE.findall(text_of(document)):
        yield from call.findall(re.sub(r" #.*", "", code))


def commands_of_dunning() -> set[str]:
    group = typer.main.get_command(app)
    found = set()
    for name, command in getattr(group, "commands", {}).items():
        inner = getattr(command, "commands", None)
        found |= {f"{name} {part}" for part in inner} if inner else {name}
    return found


def orders_of(calls: list[Call]) -> list[tuple[str, str]]:
    bodies = [call.body for call in calls if call.path == "/v1/orders"]
    return [(body["seller_id"], body["order_id"]) for body in bodies]


@pytest.fixture(scope="module")
def sample() -> list[Call]:
    return read_scenario(SAMPLE)


def test_the_settings_table_lists_exactly_the_settings_with_their_defaults() -> None:
    known = {CONFIG_FILE: None} | variables_of_commands() | settings()

    assert listed("DUNNING_") == known


def test_what_only_commands_read_is_known_to_be_no_mistake() -> None:
    assert set(variables_of_commands()) - set(settings()) == OF_COMMANDS


def test_the_table_of_temporals_variables_has_the_defaults_that_hold(bare: Path) -> None:
    """Those without a default have an effect, which shows that their names are right."""
    set_by_themselves = connection()
    variables = listed("TEMPORAL_")

    assert {name: value for name, value in variables.items() if value} == {
        "TEMPORAL_ADDRESS": set_by_themselves["target_host"],
        "TEMPORAL_NAMESPACE": set_by_themselves["namespace"],
    }


@pytest.mark.parametrize(
    "name", [name for name, value in listed("TEMPORAL_").items() if value is None]
)
def test_each_of_temporals_variables_in_the_table_is_one(
    bare: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def outcome() -> str:
        try:
            return str(connection())
        except WrongSettings as wrong:
            return str(wrong)

    before = outcome()
    monkeypatch.setenv(name, "nowhere")

    assert outcome() != before


def test_every_rule_has_a_section_and_the_sections_are_in_order() -> None:
    numbers = re.findall(r"^## R(\d+) \S", text_of(RULES), re.MULTILINE)

    assert [int(number) for number in numbers] == list(range(1, 30))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    links = [link for link in LINK.findall(text_of(document)) if "://" not in link]

    for link in links:
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_file_and_folder_that_a_document_names_is_there(document: Path) -> None:
    places = [place for place in PLACE.findall(text_of(document)) if "LANGUAGE" not in place]

    assert [place for place in places if not (ROOT / place).exists()] == []


def test_every_decision_is_in_the_list_of_decisions() -> None:
    folder = ROOT / "docs" / "decisions"

    listed = set(LINK.findall(text_of(folder / "README.md")))
    assert listed == {path.name for path in folder.glob("0*.md")}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_make_command_of_a_document_is_in_the_makefile(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))

    assert {words.split()[0] for words in words_after("make", document)} <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_dunning_command_of_a_document_exists(document: Path) -> None:
    known = commands_of_dunning()

    for words in words_after("dunning", document):
        assert words in known or words.split()[0] in known, words


@pytest.mark.parametrize("name", ["docs/operating.md", "workflows/search_attributes.py"])
def test_the_search_attributes_are_the_same_wherever_they_are_named(name: str) -> None:
    named = set(re.findall(r"\bDunning[A-Z]\w+", text_of(ROOT / name)))

    assert named - {"DunningCase"} == {key.name for key in SEARCH_ATTRIBUTES}


def test_the_sample_scenario_has_forty_orders_of_several_sellers(sample: list[Call]) -> None:
    orders = set(orders_of(sample))

    assert len(orders) == 40
    assert len({seller_id for seller_id, _ in orders}) >= 4


def test_the_lines_of_the_sample_are_in_the_order_of_time_and_of_one_year(
    sample: list[Call],
) -> None:
    assert [call.line for call in sample] == sorted(call.line for call in sample)
    assert {call.at.year for call in sample} == {2026}


def test_the_cases_that_the_sample_speaks_of_are_of_its_orders(sample: list[Call]) -> None:
    opened = {case_id_of(seller_id, order_id, None) for seller_id, order_id in orders_of(sample)}
    asked = [call.url.split("/")[3] for call in sample if call.path.startswith("/v1/cases/")]

    assert asked
    assert set(asked) <= opened


def test_the_people_of_the_sample_are_at_example_org() -> None:
    addresses = re.findall(r"[\w.+-]+@([\w.-]+)", text_of(SAMPLE))

    assert addresses
    assert all(domain == "example.org" or domain.endswith(".example.org") for domain in addresses)
