"""Decoding a file whose encoding is not known."""

from __future__ import annotations

import codecs
import unicodedata
from typing import Final, NamedTuple

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# If two read a file equally well, the first is used.
_SINGLE_BYTE: Final = ("cp1252", "latin-1", "cp850", "cp1250", "iso8859-2")
_CENTRAL: Final = frozenset({"cp1250", "iso8859-2"})
_WESTERN: Final = frozenset("äöüÄÖÜßéèêëÉÈàâáãåÅÁçÇñÑíìîïÍóòôõøØÓúùûæÆœ")
_EASTERN: Final = frozenset("ąćęłńśźżĄĆĘŁŃŚŹŻčďěňřšťůžýČĎŘŠŤŽőűŐŰľĺŕ")
_SIGNS: Final = frozenset("€£§°\u00b4\u2019\u2018“”„\u2013…«»¿¡ºª·\xa0\xad")
# The non-ASCII letters in texts of one language, with those in names; by central European or not.
_ALPHABETS: Final = {
    False: (
        "äöüßéèàáçñ",
        "àâæçéèêëîïôœùûüñö",
        "áéíóúüñçàèòï",
        "àèéìíîòóùú",
        "áâãàçéêíóôõúü",
        "æøåäöéü",
        "åäöéüáøæ",
        "éèëïóöüáíúçê",
        "áðéíóúýþæö",
    ),
    True: (
        "áčďéěíňóřšťúůýžäöü",
        "áäčďéíĺľňóôŕšťúýž",
        "ąćęłńóśźżäöü",
        "áéíóöőúüű",
        "čćžšđ",
        "ăâîşţșț",
    ),
}
_SAMPLE: Final = 200_000


class Decoded(NamedTuple):
    """A file's text, and the encoding that it was read with."""

    text: str
    encoding: str


def decode(content: bytes) -> Decoded:
    """Decode a file: by its byte order mark, else as UTF-8 if it is valid, else by its letters.

    A file in UTF-8 may have a few broken bytes, where a field was cut within a letter. Bytes above
    127 are other letters in each of the one-byte encodings. The encoding is used in which they are
    the most plausible letters of European words.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return Decoded(content.decode(encoding, errors="replace"), encoding)
    if encoding_of_zeros := _utf16_by_zeros(content):
        return Decoded(content.decode(encoding_of_zeros, errors="replace"), encoding_of_zeros)
    try:
        return Decoded(content.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        if _is_nearly_utf8(content):
            return Decoded(content.decode("utf-8", errors="replace"), "utf-8")
        best = max(_SINGLE_BYTE, key=lambda encoding: _plausibility(content, encoding))
        return Decoded(content.decode(best, errors="replace"), best)


def _utf16_by_zeros(content: bytes) -> str | None:
    """Recognize UTF-16 without a mark, because in Western text every other byte is zero."""
    head = content[:4000]
    half = len(head) // 2
    if half < 4:
        return None
    if head[1::2].count(0) > half * 0.7:
        return "utf-16-le"
    return "utf-16-be" if head[0::2].count(0) > half * 0.7 else None


def _is_nearly_utf8(content: bytes) -> bool:
    """Whether most bytes above 127 form letters of UTF-8; other encodings do not by chance."""
    sample = content[:_SAMPLE].decode("utf-8", errors="replace")
    wrong = sample.count("\ufffd")
    right = sum(sign > "\x7f" for sign in sample) - wrong
    return right > 2 * wrong


def _plausibility(content: bytes, encoding: str) -> float:
    """Score how plausible the non-ASCII characters are as letters of words; above 0 is good."""
    text = content[:_SAMPLE].decode(encoding, errors="replace")
    letters = [sign for sign in text.lower() if sign >= "\x80" and sign.isalpha()]
    alphabets = _ALPHABETS[encoding in _CENTRAL]
    is_one_language = any(set(alphabet) >= set(letters) for alphabet in alphabets)
    score = float(len(letters)) if is_one_language else 0.0
    for at, sign in enumerate(text):
        if sign >= "\x80":
            before = text[at - 1] if at else " "
            after = text[at + 1] if at + 1 < len(text) else " "
            score += _fits(sign, before, after, central=encoding in _CENTRAL)
    return score


def _fits(sign: str, before: str, after: str, *, central: bool) -> float:
    if sign == "\ufffd" or unicodedata.category(sign) in ("Cc", "Cn", "Co"):
        return -10
    if not sign.isalpha():
        beside_word = before.isalpha() and after.isalpha() and sign not in "\u2019\u00b4"
        return 0.2 if sign in _SIGNS and not beside_word else -3
    other = 1.5 if central and sign in _EASTERN else -1.0
    value = 2.0 if sign in _WESTERN else other
    if before.isalpha() and (
        (sign.isupper() and before.islower())
        or (sign.islower() and before.isupper() and after.isupper())
    ):
        return value - 4
    return value if before.isalpha() or after.isalpha() else value - 1.5
