"""Types for text that people typed, which is cleaned, and for mail addresses, which are checked.

Cleaned text has no control or direction characters, and nothing that a mail header would decode.
A `Line` has no line breaks; `Lines` may have some.
"""

from __future__ import annotations

import re
from email.errors import MessageError
from email.headerregistry import Address
from typing import Annotated, Any, Final

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator

_BREAKS: Final = re.compile("[\x00-\x20\x7f-\x9f\u2028\u2029]+")
# Direction marks and overrides (they can reverse an amount), byte order mark, surrogates, and
# characters that XML does not allow.
_UNSEEN: Final = re.compile(
    "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]+"
)


def _one_line(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    # `=?` begins an encoded word; the email package would decode it, even to line breaks.
    return _BREAKS.sub(" ", _UNSEEN.sub("", given)).strip().replace("=?", "= ?")


def _lines(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    return "\n".join(_one_line(line) for line in given.strip().splitlines())


def _mail_address(given: str) -> str:
    """Check an address, and return it in ASCII, with the domain as in DNS."""
    try:
        if not given.isascii():
            checked = validate_email(given, check_deliverability=False, globally_deliverable=False)
            given = checked.ascii_email or ""
        address = Address(addr_spec=given)
    except (EmailNotValidError, MessageError, ValueError, IndexError):
        raise ValueError("is no address that mail can be sent to") from None
    if not address.username or not address.domain or "=?" in given:
        raise ValueError("is no address that mail can be sent to")
    return given


Line = Annotated[str, BeforeValidator(_one_line)]
Lines = Annotated[str, BeforeValidator(_lines)]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
