"""Nobody can smuggle anything into a mail."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from adapters.branding.brand_look import BrandLook, Logo
from adapters.messages.summaries import OverdueItem
from dunning.notices import NoticeKind, SellerMailKind
from tests.adapters.samples import (
    MAIL_FROM,
    a_notice,
    a_recipient,
    a_seller_mail,
    a_sender,
    a_summary,
    each_language,
    summed_up,
    told,
    written,
)
from tests.examples import any_text

LOOK = BrandLook(logo=Logo(content=b"a logo", width=120, height=40))
HOSTILE = [
    "Ada\r\nBcc: victim@example.org",
    "Ada\nSubject: pay nobody",
    'Muster, Ada "die Erste"',
    "=?utf-8?q?a=0d=0aBcc:_victim@example.org?=",
    "Ada <ada@evil.example>, victim@example.org",
    "a, b@c.d, " * 20,
    'Ünal & Söhne GmbH & Co. KG, "Abt. Buchhaltung", Zweigstelle Frankfurt am Main',
    "👩\u200d💻 Ada 🦊",
    "محمد بن سلمان",
    "Ada \u202e€ 00,1\u202c",
    "\ud800 Ada \x00\x1b[31m",
    "<script>alert(1)</script> {{ 7 * 7 }} {% raw %}",
    '"><img src=x onerror=alert(1)>',
    "--></style><mj-raw><script>alert(1)</script></mj-raw><!--",
    "<mj-include path=/etc/passwd /> &amp;lt; ]]> <![if mso]>",
    "日本語" * 60,
    "\u2028\u2029\x85",
    "Ada \ufffe\uffff\ufdd0\U0001fffe",
    ".",
]


def tags(page: str) -> set[tuple[str, tuple[str, ...]]]:
    """Each kind of tag on a page, with the names of its attributes."""
    found = set()
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, given: found.add((tag, tuple(name for name, _ in given)))
    parser.handle_startendtag = parser.handle_starttag
    parser.feed(page)
    return found


class TestHostileInput:
    @pytest.mark.parametrize("name", HOSTILE)
    @each_language
    def test_never_adds_a_header_or_an_address(self, name: str, language: str) -> None:
        notice = a_notice(
            sender=a_sender(company_name=name, payment_instructions=name, address=(name,)),
            recipient=a_recipient(language, name=name),
            subject=name,
            order_id=name,
            invoice_number=name,
            payment_reference=name,
            look=LOOK,
        )

        mail = written(notice)

        assert sorted(mail.mail.keys()) == sorted(
            [
                *("From", "To", "Reply-To", "Date", "Message-ID", "Subject"),
                *("Auto-Submitted", "MIME-Version", "Content-Type", "Content-Language"),
            ]
        )
        assert [a.addr_spec for a in mail.mail["From"].addresses] == [MAIL_FROM]
        assert [a.addr_spec for a in mail.mail["To"].addresses] == ["ada@example.org"]
        assert tags(mail.html) <= tags(written(a_notice(look=LOOK)).html)
        assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\ud800-\udfff]", mail.text)

    @settings(deadline=None)
    @given(name=any_text(120), subject=any_text(120))
    def test_of_any_kind_survives_writing_and_reading(self, name: str, subject: str) -> None:
        notice = a_notice(
            sender=a_sender(company_name=name), recipient=a_recipient(name=name), subject=subject
        )

        mail = written(notice)

        assert [a.addr_spec for a in mail.mail["From"].addresses] == [MAIL_FROM]
        assert [a.addr_spec for a in mail.mail["To"].addresses] == ["ada@example.org"]
        assert "€1,219.00" in mail.text
        assert tags(mail.html) <= tags(written(a_notice()).html)

    @pytest.mark.parametrize("name", ["Muster, Ada", 'Ada "die Erste" Öz', "محمد", "👩\u200d💻"])
    def test_keeps_the_names_that_people_have(self, name: str) -> None:
        mail = written(a_notice(recipient=a_recipient(name=name)))

        assert mail.mail["To"].addresses[0].display_name == name
        assert name in mail.text
        assert name in mail.words

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "ada",
            "ada@",
            "@example.org",
            "a da@example.org",
            "ada@example.org\r\nBcc: victim@example.org",
            "ada@example.org, victim@example.org",
            "=?utf-8?q?a=0d=0a?=@example.org",
            "jörg@example.org",
        ],
    )
    def test_an_address_that_takes_no_mail_is_refused_without_repeating_it(
        self, address: str
    ) -> None:
        with pytest.raises(ValidationError) as refused:
            a_recipient(email=address)

        assert "is no address that mail can be sent to" in str(refused.value)
        assert not address or address not in str(refused.value)

    def test_a_domain_with_umlauts_is_written_as_dns_has_it(self) -> None:
        mail = written(a_notice(recipient=a_recipient(email="ada@exämple.example")))

        assert mail.mail["To"].addresses[0].addr_spec == "ada@xn--exmple-cua.example"

    @pytest.mark.parametrize("name", HOSTILE)
    def test_summaries_and_mails_to_sellers_are_as_safe(self, name: str) -> None:
        item = OverdueItem(**a_summary().items[0].model_dump() | {"order_id": name})
        summary = summed_up(a_summary(sender=a_sender(company_name=name), items=(item,)))
        about = SellerMailKind.CLAIM_REJECTED
        mail = told(a_seller_mail(about, order_id=name, customer_name=name, reason=name))

        assert len(summary.mail["To"].addresses) == len(mail.mail["To"].addresses) == 1
        assert "Bcc" not in summary.mail
        assert "Bcc" not in mail.mail
        assert tags(summary.html) <= tags(summed_up(a_summary()).html)
        assert tags(mail.html) <= tags(told(a_seller_mail(about, reason="No contract")).html)

    @pytest.mark.parametrize("order_id", ["../../etc/passwd", "a:b", "Ä-1", "x" * 80, ".", "CON"])
    def test_the_letter_has_a_harmless_name(self, order_id: str) -> None:
        notice = a_notice(NoticeKind.FIRST_NOTICE, order_id=order_id)

        [letter] = written(notice, letter=b"%PDF-1.7").mail.iter_attachments()

        assert re.fullmatch(r"Overdue-notice[A-Za-z0-9._-]*\.pdf", letter.get_filename())
        assert ".." not in letter.get_filename()
