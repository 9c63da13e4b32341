"""How a mail is put together: parts, headers, images, the letter, and how it looks (R16, R25)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.branding.brand_look import BrandLook, Logo
from adapters.branding.palette import palette_of
from adapters.mail import wire_format
from adapters.messages.compose import write_notice
from adapters.messages.summaries import write_debt_summary
from adapters.messages.values import Notice, Posting
from dunning.colors import LEGIBLE, contrast
from dunning.notices import NoticeKind, SellerMailKind
from models.seller import Alignment
from tests.adapters.samples import (
    LANGUAGES,
    MAIL_FROM,
    MESSAGE_ID,
    SENT_AT,
    a_notice,
    a_recipient,
    a_seller_mail,
    a_sender,
    a_summary,
    each_kind,
    each_language,
    eur,
    summed_up,
    told,
    written,
)

LOGO = Logo(content=b"\x89PNG a logo", width=1200, height=240)
BRANDED = BrandLook(logo=LOGO, primary="#c81e50", accent="#e0a800")
QR = b"\x89PNG a payment code"
LETTER = b"%PDF-1.7 a letter"
# Gmail shows no more of a page than this.
GMAIL_SHOWS = 102_000
colors = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


def structure(mail: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in mail.walk()]


def sent(notice: Notice, *, message_id: str = MESSAGE_ID, **given: bytes) -> EmailMessage:
    return write_notice(
        notice, Posting(message_id=message_id, sent_at=SENT_AT, mail_from=MAIL_FROM), **given
    )


class TestParts:
    def test_without_pictures_and_letter_are_text_and_page(self) -> None:
        mail = written(a_notice()).mail

        assert structure(mail) == ["multipart/alternative", "text/plain", "text/html"]

    def test_r25_pictures_stand_beside_the_page_and_the_letter_beside_both(self) -> None:
        notice = a_notice(NoticeKind.FIRST_NOTICE, look=BRANDED)

        mail = written(notice, qr_png=QR, letter=LETTER).mail

        assert structure(mail) == [
            "multipart/mixed",
            *("multipart/alternative", "text/plain", "multipart/related", "text/html"),
            *("image/png", "image/png", "application/pdf"),
        ]
        [letter] = mail.iter_attachments()
        assert letter.get_content() == LETTER
        assert letter.get_content_disposition() == "attachment"

    def test_r25_the_page_shows_each_picture_that_came_with_it_and_no_other(self) -> None:
        mail = written(a_notice(look=BRANDED), qr_png=QR)

        pictures = {
            part["Content-ID"].strip("<>"): part.get_content()
            for part in mail.mail.walk()
            if part.get_content_maintype() == "image"
        }
        assert sorted(pictures.values()) == sorted([LOGO.content, QR])
        assert set(re.findall(r'src="cid:([^"]+)"', mail.html)) == set(pictures)

    @each_language
    @pytest.mark.parametrize("kind", [NoticeKind.FIRST_NOTICE, NoticeKind.FINAL_NOTICE])
    def test_r5_speaks_of_the_letter_only_if_there_is_one(
        self, kind: NoticeKind, language: str
    ) -> None:
        notice = a_notice(kind, language=language)

        with_letter, without = written(notice, letter=LETTER), written(notice)

        assert "PDF" in with_letter.text
        assert "PDF" in with_letter.words
        assert "PDF" not in without.text + without.words

    def test_r25_the_letter_is_named_in_the_customers_language(self) -> None:
        names = []
        for language in LANGUAGES:
            for kind in (NoticeKind.FIRST_NOTICE, NoticeKind.FINAL_NOTICE):
                mail = written(a_notice(kind, language=language), letter=LETTER).mail
                names += [part.get_filename() for part in mail.iter_attachments()]

        assert names[0] == "Mahnung-A-4711.pdf"
        assert len(set(names)) == 2 * len(LANGUAGES)


class TestHeaders:
    def test_r16_is_the_same_bytes_each_time_it_is_written(self) -> None:
        notice = a_notice(NoticeKind.FINAL_NOTICE, look=BRANDED)

        first, again = (sent(notice, qr_png=QR, letter=LETTER) for _ in range(2))

        assert wire_format(first) == wire_format(again)

    def test_two_messages_share_no_boundary_and_no_content_id(self) -> None:
        one, other = (
            sent(
                a_notice(NoticeKind.FIRST_NOTICE, look=BRANDED),
                message_id=key,
                qr_png=QR,
                letter=LETTER,
            )
            for key in ("<one@platform.example>", "<other@platform.example>")
        )

        def marks(mail: EmailMessage) -> list[str]:
            found = [part.get_boundary() or part["Content-ID"] for part in mail.walk()]
            return [mark for mark in found if mark]

        assert len(set(marks(one))) == len(marks(one)) == 5
        assert not set(marks(one)) & set(marks(other))

    @each_language
    def test_comes_back_as_it_was_meant_from_the_bytes_that_are_sent(self, language: str) -> None:
        name = "Ünal \N{FOX FACE} محمد, Söhne & Töchter " * 2
        recipient = a_recipient(language, name=name)
        notice = a_notice(NoticeKind.FINAL_NOTICE, recipient=recipient, look=BRANDED)

        content = wire_format(sent(notice, qr_png=QR, letter=LETTER))

        mail = message_from_bytes(content, policy=default)
        assert isinstance(mail, EmailMessage)
        assert content.isascii()
        assert max(len(line) for line in content.splitlines()) <= 998
        assert [part.defects for part in mail.walk() if part.defects] == []
        page = mail.get_body(("html",))
        assert page is not None
        assert name.strip() in page.get_content().replace("&amp;", "&")

    def test_r24_only_the_summary_can_be_called_off(self) -> None:
        sender = a_sender(reply_to=("a.very.long.address.of.the.accounts@muster.example",))

        summary = write_debt_summary(
            a_summary("fr", sender=sender),
            Posting(message_id=MESSAGE_ID, sent_at=SENT_AT, mail_from=MAIL_FROM),
        )

        [line] = re.findall(rb"List-Unsubscribe: ((?:.|\r\n )+)\r\n", wire_format(summary))
        assert re.fullmatch(
            rb"<mailto:a\.very\.long\.address\.of\.the\.accounts@muster\.example"
            rb"\?subject=[A-Za-z0-9%.-]+>",
            line.replace(b"\r\n ", b""),
        )
        assert "List-Unsubscribe" not in written(a_notice()).mail
        mail = told(a_seller_mail(SellerMailKind.CHARGEBACK)).mail
        assert "List-Unsubscribe" not in mail

    def test_the_id_of_a_message_stands_on_one_line(self) -> None:
        message_id = f"<{'k4mz2w7qxh3t9abc.' * 8}1@localhost.localdomain>"
        notice = write_notice(
            a_notice(), Posting(message_id=message_id, sent_at=SENT_AT, mail_from=MAIL_FROM)
        )

        assert f"\r\nMessage-ID: {message_id}\r\n".encode() in wire_format(notice)
        assert message_from_bytes(wire_format(notice), policy=default)["Message-ID"] == message_id


class TestPage:
    @each_kind
    @each_language
    def test_loads_nothing_from_outside(self, kind: NoticeKind, language: str) -> None:
        page = written(a_notice(kind, language=language, look=BRANDED), qr_png=QR).html

        assert not re.search(r"<(link|script|iframe|object|form|base)\b|@import|url\(", page)
        assert all(source.startswith("cid:") for source in re.findall(r'src="([^"]*)"', page))

    @each_kind
    @each_language
    def test_can_be_read_aloud(self, kind: NoticeKind, language: str) -> None:
        page = written(a_notice(kind, language=language, look=BRANDED), qr_png=QR).html

        assert f'<html lang="{language}" dir="ltr"' in page
        for picture in re.findall(r"<img [^>]*>", page):
            assert re.search(r'alt="[^"]+"', picture)
        for table in re.findall(r"<table [^>]*>", page):
            assert 'role="presentation"' in table or re.search(r'class="(facts|list)"', table)

    def test_r25_shows_the_logo_or_else_the_name_of_the_company(self) -> None:
        with_logo = written(a_notice(look=BRANDED)).html
        without = written(a_notice(look=BrandLook(primary="#c81e50"))).html

        assert re.search(r'<img [^>]*alt="Muster Handel GmbH"', with_logo)
        assert 'class="company"' not in with_logo
        assert 'class="company"' in without
        assert "<img" not in without

    @pytest.mark.parametrize(
        ("width", "height", "shown"),
        [(1200, 240, (240, 48)), (100, 400, (18, 72)), (90, 30, (90, 30)), (5000, 1, (240, 1))],
    )
    def test_r25_a_logo_is_never_larger_than_its_place_nor_than_it_is(
        self, width: int, height: int, shown: tuple[int, int]
    ) -> None:
        look = BrandLook(logo=LOGO.model_copy(update={"width": width, "height": height}))

        page = written(a_notice(look=look)).html

        [picture] = re.findall(r"<img [^>]*>", page)
        assert f'width="{shown[0]}"' in picture
        assert f'height="{shown[1]}"' in picture

    @pytest.mark.parametrize("alignment", Alignment)
    def test_r25_the_logo_stands_where_the_seller_wants_it(self, alignment: Alignment) -> None:
        page = written(a_notice(look=BrandLook(logo=LOGO, logo_alignment=alignment))).html

        before_logo = page[: page.index("<img")]
        assert re.findall(r'<td align="(\w+)"', before_logo)[-1] == alignment

    @settings(deadline=None)
    @given(primary=colors, accent=colors)
    def test_r25_every_text_is_legible_in_any_two_colors(self, primary: str, accent: str) -> None:
        palette = palette_of(primary, accent)

        texts = [
            (palette.on_primary, palette.primary),
            (palette.figure, palette.box),
            (palette.figure, palette.card),
            (palette.ink, palette.box),
            (palette.soft, palette.box),
            (palette.soft, palette.canvas),
            (palette.dark_figure, palette.dark_box),
            (palette.dark_figure, palette.dark_card),
            (palette.dark_on_figure, palette.dark_figure),
            (palette.dark_ink, palette.dark_box),
            (palette.dark_soft, palette.dark_box),
            (palette.dark_soft, palette.dark_canvas),
        ]
        for text, background in texts:
            assert contrast(text, background) >= LEGIBLE

    def test_r25_is_in_the_sellers_colors_and_has_others_for_dark_pages(self) -> None:
        page = written(a_notice(look=BRANDED)).html

        palette = palette_of(BRANDED.primary, BRANDED.accent)
        assert f"solid {BRANDED.primary}" in page
        assert f"solid {BRANDED.accent}" in page
        assert palette.figure in page
        dark = page[page.index("prefers-color-scheme: dark") :]
        assert palette.dark_figure in dark
        assert '<meta name="color-scheme" content="light dark">' in page

    def test_sellers_are_written_to_in_the_plain_look(self) -> None:
        page = told(a_seller_mail(SellerMailKind.CHARGEBACK)).html

        assert "<img" not in page
        assert BrandLook().primary in page

    @each_language
    def test_r2_even_a_plan_of_360_installments_is_shown_in_full(self, language: str) -> None:
        plan = tuple(
            (number, date(2026, 1, 31) + timedelta(days=30 * number), eur("1234567.89"))
            for number in range(1, 361)
        )
        given = {"language": language, "schedule": plan, "installment": (1, 360)}

        mail = written(a_notice(NoticeKind.INVOICE_NOTICE, look=BRANDED, **given), qr_png=QR)

        assert "360" in mail.text
        assert len(mail.html.encode()) < GMAIL_SHOWS

    def test_r24_even_a_summary_of_many_debts_is_shown_in_full(self) -> None:
        [item, *_] = a_summary().items

        mail = summed_up(a_summary("de", items=(item,) * 60, look=BRANDED))

        assert len(mail.html.encode()) < GMAIL_SHOWS
