"""R5, R25: what a letter looks like: its window, marks, logo, code; always the same bytes."""

from __future__ import annotations

import io
import threading
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.policy import default

import pypdf
import pytest
import zxingcpp
from PIL import Image

from adapters.branding.brand_look import BrandLook, Logo
from adapters.letters.letter import write_letter
from adapters.letters.paycode import payment_code
from adapters.messages.compose import write_notice
from adapters.messages.values import PaymentMade, Posting
from dunning.notices import NoticeKind
from models.seller import Alignment
from tests.adapters.letters import (
    ENVELOPE,
    PAGE_HEIGHT,
    a_letter,
    each_language,
    each_letter,
    pages,
    picture,
    signs,
)
from tests.adapters.samples import MAIL_FROM, MESSAGE_ID, SENT_AT, a_sender, eur


class TestPaper:
    @pytest.mark.parametrize(
        "envelope",
        [
            ENVELOPE,
            ("Ada Muster", "Hauptstr. 5", "10115 Berlin"),
            tuple(f"Line {number} of nine lines" for number in range(1, 10)),
            ("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbaugesellschaft mbH", "x"),
            ("Ada " + "von und zu " * 30, "W" * 200, "Hauptstr. 5", "10115 Berlin"),
            ("W" * 401, "W" * 200, "W" * 200, "W" * 200, "W" * 200),
        ],
    )
    def test_address_and_way_back_stay_in_the_window(self, envelope: tuple[str, ...]) -> None:
        letter = write_letter(a_letter(envelope=envelope))

        in_window = [
            (sign, box) for sign, box in signs(letter) if box.left < 110 and 41 < box.top < 95
        ]
        shown = "".join(sign for sign, _ in in_window)
        assert shown.startswith("MusterHandelGmbH·Marktplatz1·10115Berlin")
        for _, box in in_window:
            assert box.left >= 20
            assert box.right <= 105
            assert box.top >= 45
            assert box.bottom <= 90

    @pytest.mark.parametrize("envelope", [ENVELOPE, ("Ada " + "von und zu " * 12, "Weg 1")])
    def test_all_of_the_address_is_in_the_window(self, envelope: tuple[str, ...]) -> None:
        letter = write_letter(a_letter(envelope=envelope))

        shown = "".join(sign for sign, box in signs(letter) if box.left < 105 and 62 < box.top < 90)

        assert shown == "".join(envelope).replace(" ", "")

    def test_nothing_leaves_the_paper_however_long_the_words_are(self) -> None:
        long = "W" * 200
        sender = a_sender(company_name=long, address=(long, long), phone=long, website=long)
        notice = a_letter(name=long, subject=long, sender=sender, order_id="W" * 80)

        for _, box in signs(write_letter(notice)):
            assert box.left >= 20
            assert box.right <= 191
            assert box.top > 0
            assert box.bottom < PAGE_HEIGHT

    def test_there_are_marks_for_folding_and_for_the_punch(self) -> None:
        page = picture(write_letter(a_letter())).convert("L")
        a_millimeter = page.width / 210

        column = [page.getpixel((round(6 * a_millimeter), height)) for height in range(page.height)]

        dark = [height / a_millimeter for height, shade in enumerate(column) if shade < 200]
        assert {round(at) for at in dark} <= {105, 148, 149, 210}
        assert {105, 210} <= {round(at) for at in dark}

    def test_the_subject_stands_beneath_a_block_of_any_height(self) -> None:
        order_id = "W" * 80
        letter = write_letter(
            a_letter(order_id=order_id, invoice_number="W" * 200, sender=a_sender(phone="W" * 200))
        )

        beside = max(box.bottom for _, box in signs(letter) if box.left > 110 and box.top < 140)
        greeting = next(box for sign, box in signs(letter) if sign == "D" and box.top > 98)
        assert greeting.top > beside

    def test_more_than_a_page_has_numbers(self) -> None:
        payments = tuple(PaymentMade(on=date(2026, 4, 1), amount=eur("1")) for _ in range(60))

        long = pages(write_letter(a_letter(payments=payments, paid=eur("60"))))

        assert len(long) == 3
        for number, page in enumerate(long, start=1):
            assert f"Page {number} of 3" in page
        (short,) = pages(write_letter(a_letter()))
        assert "Page 1" not in short

    @each_letter
    @each_language
    def test_an_ordinary_letter_is_one_page(self, kind: NoticeKind, language: str) -> None:
        assert len(pages(write_letter(a_letter(kind, language=language)))) == 1

    def test_the_code_on_paper_is_that_of_the_notice(self) -> None:
        notice = a_letter()
        code = payment_code(notice)

        (seen,) = zxingcpp.read_barcodes(picture(write_letter(notice)))

        assert code is not None
        assert seen.bytes.decode() == code.payload


def a_logo(color: str, size: tuple[int, int]) -> Logo:
    file = io.BytesIO()
    Image.new("RGB", size, color).save(file, "PNG")
    return Logo(content=file.getvalue(), width=size[0], height=size[1])


class TestLook:
    @pytest.mark.parametrize(
        ("alignment", "middle"),
        [(Alignment.LEFT, 45), (Alignment.CENTER, 107.5), (Alignment.RIGHT, 170)],
    )
    @pytest.mark.parametrize("size", [(40, 20), (4000, 2000)])
    def test_r25_the_logo_is_where_the_seller_wants_it(
        self, alignment: Alignment, middle: float, size: tuple[int, int]
    ) -> None:
        look = BrandLook(logo=a_logo("#ff0000", size), logo_alignment=alignment)

        page = picture(write_letter(a_letter(look=look))).convert("RGB")

        a_millimeter = page.width / 210
        red = [
            x / a_millimeter
            for x in range(page.width)
            if page.getpixel((x, round(26 * a_millimeter))) == (255, 0, 0)
        ]
        assert (min(red) + max(red)) / 2 == pytest.approx(middle, abs=0.5)
        assert max(red) - min(red) == pytest.approx(40, abs=1)

    def test_r25_colors_that_cannot_be_read_are_moved_until_they_can(self) -> None:
        look = BrandLook(primary="#ffff00", accent="#ffffff")

        page = picture(write_letter(a_letter(look=look))).convert("RGB")

        colors = page.getcolors(page.width * page.height)
        assert colors is not None
        assert not any(color == (255, 255, 0) for _, color in colors)


class TestSameness:
    @each_letter
    def test_r16_the_same_notice_is_the_same_letter(self, kind: NoticeKind) -> None:
        assert write_letter(a_letter(kind)) == write_letter(a_letter(kind))

    def test_a_letter_is_as_old_as_its_notice(self) -> None:
        metadata = pypdf.PdfReader(io.BytesIO(write_letter(a_letter()))).metadata

        assert metadata is not None
        assert metadata.creation_date == datetime(2026, 4, 11, tzinfo=UTC)
        assert metadata.author == "Muster Handel GmbH"

    def test_many_threads_get_their_own_letters(self) -> None:
        notices = [a_letter(order_id=f"A-{number}") for number in range(8)]
        letters: dict[str, bytes] = {}
        threads = [
            threading.Thread(target=lambda n=notice: letters.update({n.order_id: write_letter(n)}))
            for notice in notices
        ]

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert letters == {notice.order_id: write_letter(notice) for notice in notices}


class TestMail:
    def test_r5_the_letter_is_attached_and_the_mail_always_the_same_bytes(self) -> None:
        notice = a_letter(language="de")
        letter = write_letter(notice)

        one, other = (
            write_notice(
                notice,
                Posting(message_id=MESSAGE_ID, sent_at=SENT_AT, mail_from=MAIL_FROM),
                letter=letter,
            ).as_bytes()
            for _ in range(2)
        )

        assert one == other
        (attached,) = message_from_bytes(one, policy=default).iter_attachments()
        assert attached.get_content_type() == "application/pdf"
        assert attached.get_filename() == "Mahnung-A-4711.pdf"
        assert attached.get_content() == letter
