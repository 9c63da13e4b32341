"""The gallery plays cases from which every message is sent, and names each by what it is."""

from __future__ import annotations

import json
from email.message import EmailMessage
from pathlib import Path

import pytest

from gallery.__main__ import name_of
from gallery.brands import brands
from gallery.scenario import LANGUAGES, write_scenario
from simulation.scenario import Call, read_scenario


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    path = tmp_path / "scenario.jsonl"
    write_scenario(path)
    return path


def test_the_scenario_can_be_played(scenario: Path) -> None:
    calls = read_scenario(scenario)

    sellers = [call for call in calls if isinstance(call, Call) and call.method == "PUT"]
    assert len(sellers) == len(LANGUAGES) * len(brands())


def test_every_language_has_all_options_and_a_payment_that_comes_back(scenario: Path) -> None:
    lines = [json.loads(line) for line in scenario.read_text("utf-8").splitlines()]

    for language in LANGUAGES:
        of_language = [line for line in lines if f"-{language}" in json.dumps(line)]
        bodies = [line.get("body") or {} for line in of_language]
        options = {body["dunning_option"] for body in bodies if "dunning_option" in body}
        assert options == {"court", "cancellation", "no_collection"}
        assert any("chargeback_id" in body for body in bodies)
        assert any("partner" in line for line in of_language)


@pytest.mark.parametrize(
    ("message_id", "subject", "name"),
    [
        ("<k4mz.1.final_notice@x.example>", "Your order B-4711: final", "en-final_notice-B-4711"),
        ("<k4mz.1.case_closed=paid.2@x.example>", "Order P-7: closed", "en-case_closed-P-7"),
        ("<k4mz.2.chargeback.c-1@x.example>", "Order B-4711: back", "en-chargeback-B-4711"),
        ("<k4mz.settings_wanted@x.example>", "How do you want", "en-settings_wanted"),
        ("<debt-summary.0123@x.example>", "At a glance", "en-debt-summary"),
    ],
)
def test_a_message_is_named_by_language_kind_and_order(
    message_id: str, subject: str, name: str
) -> None:
    mail = EmailMessage()
    mail["Message-ID"], mail["Subject"], mail["Content-Language"] = message_id, subject, "en"

    assert name_of(mail) == name
