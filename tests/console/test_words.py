"""Every text is there in every language, says the same things, and is used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from console.wording import LANGUAGES, chosen_language, texts_of, words_in
from dunning.actions import ActionKind
from dunning.case.forecast import PlannedKind
from dunning.case.waiting import WaitsFor
from dunning.claims import ClaimPhase, Closing
from dunning.history import EventName
from dunning.ladder import DunningOption
from dunning.notices import NoticeKind, SellerMailKind
from dunning.reasons import Why
from dunning.requests import RefusalReason, Verb
from dunning.stages import Stage

CONSOLE = Path(__file__).parents[2] / "console"
PLACEHOLDER = re.compile(r"{(\w+)}")
USED = re.compile(r'\bw(?:ords)?\("([a-z_]+(?:\.[a-z_]+)*)"')
EVERY = {
    "stage": Stage,
    "verb": Verb,
    "refused": RefusalReason,
    "waits": WaitsFor,
    "next": PlannedKind,
    "notice": [*NoticeKind, *PlannedKind, ActionKind.HANDOFF],
    "told": SellerMailKind,
    "why": Why,
    "option": DunningOption,
    "closing": Closing,
    "claim.phase": ClaimPhase,
    "event": [name.replace(".", "_") for name in EventName],
    "did": Verb,
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_text_with_the_same_values(language: str) -> None:
    english, here = texts_of("en"), texts_of(language)

    assert sorted(here) == sorted(english)
    for name, text in here.items():
        assert text.strip(), name
        assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(english[name])), name


def test_every_value_of_the_rules_has_words() -> None:
    known = texts_of("en")
    lacking = [
        f"{group}.{value}"
        for group, values in EVERY.items()
        for value in values
        if f"{group}.{value}" not in known
    ]
    assert lacking == []


def test_every_text_that_a_template_names_is_there() -> None:
    known = texts_of("en")
    groups = {name.rpartition(".")[0] for name in known}
    files = [*CONSOLE.rglob("*.j2"), *CONSOLE.rglob("*.py")]
    named = {name for file in files for name in USED.findall(file.read_text("utf-8"))}

    assert {name for name in named if name not in known and name not in groups} == set()


def test_a_number_chooses_its_form() -> None:
    assert words_in("en")("row.days", n=1) == "1 day"
    assert words_in("es")("row.days", n=2) == "2 días"
    assert words_in("fr")("row.days", n=0) == "0 jour"


@pytest.mark.parametrize(
    ("chosen", "accepted", "seller", "language"),
    [
        ("fr", "de", "es", "fr"),
        (None, "de-AT,de;q=0.9,en;q=0.5", "es", "de"),
        (None, "ja,pt;q=0.8", "es", "es"),
        (None, "", None, "en"),
        ("xx", "*", "nl", "en"),
    ],
)
def test_the_language_is_the_chosen_one_or_the_browsers_or_the_sellers(
    chosen: str | None, accepted: str, seller: str | None, language: str
) -> None:
    assert chosen_language(chosen, accepted, seller) == language


def test_no_template_has_a_style_or_a_script_of_its_own() -> None:
    for file in CONSOLE.rglob("*.j2"):
        html = file.read_text("utf-8")
        assert "<style" not in html, file
        assert not re.search(r"<script(?! src=)", html), file
        assert not re.search(r"\s(style|on[a-z]+)=", html), file
