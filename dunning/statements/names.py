"""Compares names of people and companies, as banks and shops write them (R20)."""

from __future__ import annotations

import re
import unicodedata
from itertools import permutations
from typing import Final

# Legal forms, titles, and words that join names. They do not tell people apart.
_IGNORED: Final = frozenset(
    str.split(
        """
        gmbh ag kg ohg ug mbh co kgaa haftungsbeschrankt ek ekfr ev gbr partg mbb eg se ltd
        limited llc llp lp inc incorporated corp corporation plc sarl sas sa sasu eurl sci
        snc scs sl slu slne sll spa srl srls sapa bv nv vof cv bvba sprl srlu asbl vzw ab
        aktiebolag hb as asa aps ivs ans da oy oyj ky sp zoo spzoo kft zrt nyrt bt doo dd
        sro spol as vos lda ltda unipessoal cia spra eirl limitada herr frau herrn hr fr mr
        mrs ms miss sr sra srta don dona mme mlle monsieur madame dhr mw mevr mevrouw dr
        prof dipl ing med mag bsc msc mba phd und u oder o and or y et e ou en of ossia
        familie fam eheleute ehel the der die das den dem le les el los de del della di da
        do dos von vom van zu zum zur ter ten la lo al fa firma company inh inhaber
        aktiengesellschaft kommanditgesellschaft gesellschaft mit beschrankter haftung
        sociedad anonima societe anonyme responsabilite limitee responsabilidad
        """
    )
)
_LETTERS: Final = str.maketrans(
    {
        "ß": "ss",
        "ø": "o",
        "đ": "d",
        "ł": "l",
        "æ": "a",
        "œ": "o",
        "ð": "d",
        "þ": "th",
        "\u0131": "i",
    }
)
_DOTTED: Final = re.compile(r"\b(?:[^\W\d_]\.\s?){2,}")
_UMLAUT: Final = re.compile(r"([aou])e")
_WORD: Final = re.compile(r"[^\W_]+")
# Banks cut names after 27 signs (MT940) or more.
_CUT_AT: Final = 26
_FEW_WORDS: Final = 4


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in small letters without accents, `ae` as `a`.

    Legal forms and titles are left out, unless there is nothing else.
    """
    if "." in name:
        name = _DOTTED.sub(lambda found: re.sub(r"[.\s]", "", found[0]) + " ", name)
    plain = name.casefold().translate(_LETTERS)
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", plain)
        plain = "".join(sign for sign in apart if not unicodedata.combining(sign))
    words = tuple(map(_umlauts, _WORD.findall(plain)))
    return tuple(word for word in words if word not in _IGNORED) or words


def _umlauts(word: str) -> str:
    """Fold umlauts, so that `mueller` equals `muller`: drop the `e` after a, o or u."""
    return _UMLAUT.sub(r"\1", word).replace("aa", "a") if "e" in word else word.replace("aa", "a")


def glued_forms(words: tuple[str, ...]) -> frozenset[str]:
    """Return the words joined without blanks, in every order (if they are few)."""
    if not 1 < len(words) <= _FEW_WORDS:
        return frozenset({"".join(words)})
    return frozenset("".join(order) for order in permutations(words))


def is_same_name(one: str, other: str) -> bool:
    """Whether two names mean the same person or company.

    They do if all words are the same, in any order; if at least two are and only one side has
    others (`Jörg und Anna Müller`, `Ada Maria Muster`); if they differ only in blanks; or if one is
    the other one cut off.
    """
    return is_same(words_of(one), words_of(other), is_cut=min(len(one), len(other)) >= _CUT_AT)


def is_same(one: tuple[str, ...], other: tuple[str, ...], *, is_cut: bool = False) -> bool:
    """Compare the words of two names as `is_same_name` does; `is_cut`: one may be cut off."""
    if not one or not other:
        return False
    fewer, more = sorted((frozenset(one), frozenset(other)), key=len)
    if fewer == more or (len(fewer) > 1 and fewer <= more):
        return True
    if (len(one) == 1) != (len(other) == 1) and glued_forms(one) & glued_forms(other):
        return True
    short, long = sorted(("".join(one), "".join(other)), key=len)
    return is_cut and long.startswith(short)


def resembles(one: str, other: str) -> bool:
    """Whether two names have a word in common, or are the same."""
    first, second = words_of(one), words_of(other)
    common = {word for word in set(first) & set(second) if len(word) > 1}
    return bool(common) or is_same(first, second, is_cut=True)
