"""The gallery shows every message there is, and can write all of them."""

from __future__ import annotations

import pytest

from dunning.notices import NoticeKind, SellerTold
from gallery.__main__ import mails
from gallery.brands import looks
from gallery.samples import LANGUAGES, notices, seller_mails


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("brand", list(looks()))
def test_every_kind_is_shown_in_every_look_and_language(brand: str, language: str) -> None:
    shown = {notice.kind for _, notice in notices(brand, looks()[brand], language)}

    assert shown == set(NoticeKind)
    assert {mail.about for _, mail in seller_mails(language)} == set(SellerTold)


def test_every_message_can_be_written_and_has_a_name_of_its_own() -> None:
    names = [name for name, mail in mails() if mail["Subject"]]

    assert len(names) == len(set(names))
    assert len(names) > len(LANGUAGES) * (len(looks()) * len(NoticeKind) + len(SellerTold))
