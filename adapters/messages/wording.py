"""The words of all messages: Jinja templates in `templates/<language>/`, each rendered twice.

A message is one file of blocks in plain words (a blank line ends a paragraph), which a frame
sets as text or as MJML, the source of HTML: so the two parts of a mail cannot say different
things. `words.j2` has what the messages of a language share. A folder with such files is all that
a language needs; a message that it lacks is sent in English.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from babel import Locale
from babel.dates import format_date
from babel.numbers import NumberPattern
from babel.units import format_unit
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.environment import TemplateModule
from jinja2.runtime import Context

from adapters.branding.palette import Palette
from adapters.messages.mjml import html_page
from dunning.money import CURRENCY_DIGITS, Money

FALLBACK_LANGUAGE: Final = "en"
_LINE_WIDTH: Final = 76
_NO_BREAK_SPACE: Final = "\N{NO-BREAK SPACE}"
_BLANK_LINES: Final = re.compile(r"\n[ \t]*\n")
_TOO_MANY_LINES: Final = re.compile(r"\n{3,}")
_SPACES: Final = re.compile(r"[ \t\n]+")
# A space at which no line is broken, until the lines are made; cleaned values never have it.
_GLUE: Final = "\N{INFORMATION SEPARATOR ONE}"
_DIGIT_AFTER_CODE: Final = re.compile(r"(?<=[A-Z])(?=\d)")


class Rendered(NamedTuple):
    """One message in words."""

    subject: str
    text: str
    html: str
    language: str


class Wording:
    """The templates of a folder."""

    def __init__(self, folder: Path) -> None:
        loader = FileSystemLoader(folder)
        self._names = frozenset(loader.list_templates())
        self._text = _environment(loader, autoescape=False)
        self._text.filters.update(wrap=_wrap, aligned=_aligned, columns=_columns)
        self._mjml = _environment(loader, autoescape=True)
        self._words: dict[tuple[Environment, str], TemplateModule] = {}

    def language_for(self, tag: str, *, message: str = "words") -> str:
        """The language in which there is this message: `de` for `de-AT`, else English."""
        language = primary_subtag(tag)
        return language if f"{language}/{message}.j2" in self._names else FALLBACK_LANGUAGE

    def words(self, language: str) -> Any:
        """What the messages of a language share: labels and phrases by name, macros."""
        return self._words_for(self._text, language)

    def render(
        self,
        message: str,
        *,
        language: str,
        frame: str,
        palette: Palette,
        values: Mapping[str, Any],
    ) -> Rendered:
        given = {**values, "palette": palette}
        text, subject = self._part(self._text, message, language, f"{frame}.txt.j2", given)
        mjml, _ = self._part(self._mjml, message, language, f"{frame}.mjml.j2", given)
        text, mjml = text.replace(_GLUE, " "), mjml.replace(_GLUE, _NO_BREAK_SPACE)
        return Rendered(
            subject=_SPACES.sub(" ", subject).strip(),
            text=_TOO_MANY_LINES.sub("\n\n", text).strip() + "\n",
            html=html_page(mjml, style_sheet=self._style_sheet(palette)).strip() + "\n",
            language=language,
        )

    def _style_sheet(self, palette: Palette) -> str:
        return self._text.get_template("mail.css.j2").render(palette=palette)

    def _part(
        self,
        environment: Environment,
        message: str,
        language: str,
        frame: str,
        values: Mapping[str, Any],
    ) -> tuple[str, str]:
        template = environment.get_template(f"{language}/{message}.j2")
        words = self._words_for(environment, language)
        context = {**values, "words": words, "language": language, "frame": frame}
        subject = "".join(template.blocks["subject"](template.new_context(context)))
        return template.render(context), subject

    def _words_for(self, environment: Environment, language: str) -> TemplateModule:
        if (environment, language) not in self._words:
            template = environment.get_template(f"{language}/words.j2")
            self._words[environment, language] = template.make_module({"language": language})
        return self._words[environment, language]


def primary_subtag(tag: str) -> str:
    """The language alone: `de` of `de-AT`."""
    return re.split("[-_]", tag.strip().lower())[0]


def money(amount: Money, language: str) -> str:
    """As the language writes it, with exactly the digits that the currency has by ISO 4217."""
    written = _pattern(language, CURRENCY_DIGITS[amount.currency]).apply(
        amount.amount, language, currency=amount.currency, currency_digits=False
    )
    return _DIGIT_AFTER_CODE.sub(_NO_BREAK_SPACE, str(written))


def day(value: date, language: str) -> str:
    written = format_date(value, format="long", locale=language)
    # Unicode's data writes "1 avril"; nobody in France does.
    return written.replace("1 ", "1er ", 1) if language == "fr" and value.day == 1 else written


def days(count: int, language: str) -> str:
    """A number of days in words: `1 day`, `2 days`."""
    return format_unit(count, "duration-day", length="long", locale=language)


@cache
def _pattern(language: str, digits: int) -> NumberPattern:
    # Babel's own digits are those of daily use: it would round RSD 12.50 up
    pattern: NumberPattern = copy(Locale.parse(language).currency_formats["standard"])
    pattern.frac_prec = (digits, digits)
    return pattern


def _environment(loader: FileSystemLoader, *, autoescape: bool) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(money=_money, day=_day, paragraphs=_paragraphs)
    return environment


@pass_context
def _money(context: Context, amount: Money) -> str:
    return money(amount, context["language"])


@pass_context
def _day(context: Context, value: date) -> str:
    return day(value, context["language"]).replace(" ", _GLUE)


def _paragraphs(words: str) -> Iterable[str]:
    """Each paragraph on one line; escaped HTML stays marked as such."""
    for part in _BLANK_LINES.split(words):
        if line := _SPACES.sub(" ", part).strip():
            yield type(words)(line)


def _wrap(words: str, *, hanging: int = 0) -> str:
    return textwrap.fill(
        words,
        _LINE_WIDTH,
        subsequent_indent=" " * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _aligned(rows: Sequence[tuple[str, str]], colon: str = ":") -> str:
    """One line a row, the values below each other."""
    width = max((len(label) for label, _ in rows), default=0) + len(colon) + 2
    return "\n".join(
        _wrap(f"{label}{colon}".ljust(width) + value, hanging=width) for label, value in rows
    )


def _columns(rows: Sequence[Sequence[str]], headings: Sequence[str]) -> str:
    """A table whose last column is set to the right."""
    table = [headings, *rows]
    widths = [max(len(cell) for cell in column) for column in zip(*table, strict=True)]
    return "\n".join(
        "   ".join(
            [
                *(cell.ljust(width) for cell, width in zip(row[:-1], widths[:-1], strict=True)),
                row[-1].rjust(widths[-1]),
            ]
        )
        for row in table
    )


WORDING: Final = Wording(Path(__file__).parent.parent / "templates")
