"""The words of all messages: Jinja templates in `templates/<language>/`, each rendered twice.

A message is one file with blocks of plain words (a blank line ends a paragraph). A frame sets the
blocks as text or as MJML, the source of the HTML, so the two parts of a mail have the same words.
The letter of a notice prints the same blocks. `words.j2` has what the messages of a language
share. A language needs only a folder with such files; a message that it lacks is sent in English.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, pass_context
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from markupsafe import Markup, escape

from adapters.branding.palette import Palette
from adapters.messages.formats import NO_BREAK_SPACE, day, money
from adapters.messages.locales import Language, primary_subtag
from adapters.messages.mjml import html_page
from dunning.money import Money

FALLBACK_LANGUAGE: Final = "en"
_LINE_WIDTH: Final = 76
_BLANK_LINES: Final = re.compile(r"\n[ \t]*\n")
_TOO_MANY_LINES: Final = re.compile(r"\n{3,}")
_SPACES: Final = re.compile(r"[ \t\n]+")
# A space that does not break, while the lines are not made yet; cleaned values never have it.
GLUE: Final = "\N{INFORMATION SEPARATOR ONE}"
# In letters, text between two of these is printed bold; cleaned values never have one.
BOLD: Final = "\N{INFORMATION SEPARATOR TWO}"
# A date may break before its year; otherwise telephones would show very short lines.
_BEFORE_THE_YEAR: Final = re.compile(rf"{GLUE}(?=(de{GLUE})?\d{{4}}\b)")


class Rendered(NamedTuple):
    """One rendered message."""

    subject: str
    title: str
    text: str
    html: str
    language: str


class Printed(NamedTuple):
    """The words of a notice for its letter: a title, and lists of paragraphs."""

    title: str
    opening: list[str]
    closing: list[str]
    parting: list[str]


class Wording:
    """The templates of a folder."""

    def __init__(self, folder: Path) -> None:
        loader = FileSystemLoader(folder)
        self._names = frozenset(loader.list_templates())
        self._text = _environment(loader, autoescape=False)
        self._text.filters.update(wrap=_wrap, aligned=_aligned, columns=_columns)
        self._mjml = _environment(loader, autoescape=True)
        self._paper = _environment(loader, autoescape=False)
        self._text.filters.update(strong=str)
        self._mjml.filters.update(strong=_strong)
        self._paper.filters.update(strong=_bold)
        self._words: dict[tuple[Environment, Language], TemplateModule] = {}

    def language_for(self, tag: str, *, message: str = "words") -> str:
        """Return the language of a tag if it has this message (`de` for `de-AT`), else English."""
        language = primary_subtag(tag)
        return language if f"{language}/{message}.j2" in self._names else FALLBACK_LANGUAGE

    def words(self, language: Language, *, on_paper: bool = False) -> Any:
        """Return what the messages of a language share: labels, phrases and macros, by name."""
        return self._words_for(self._paper if on_paper else self._text, language)

    def printed(self, message: str, *, language: Language, values: Mapping[str, Any]) -> Printed:
        """Return the words of a message for its letter, with `BOLD` and no-break spaces in them."""
        template, context = self._prepared(self._paper, message, language, values)

        def block(name: str) -> list[str]:
            words = "".join(template.blocks[name](template.new_context(context)))
            return list(_paragraphs(words.replace(GLUE, NO_BREAK_SPACE)))

        return Printed(
            block("title")[0], *(block(name) for name in ("opening", "closing", "parting"))
        )

    def render(
        self,
        message: str,
        *,
        language: Language,
        frame: str,
        palette: Palette,
        values: Mapping[str, Any],
    ) -> Rendered:
        given = {**values, "palette": palette}
        text, subject, title = self._part(self._text, message, language, f"{frame}.txt.j2", given)
        mjml, *_ = self._part(self._mjml, message, language, f"{frame}.mjml.j2", given)
        text = text.replace(GLUE, " ")
        mjml = _BEFORE_THE_YEAR.sub(" ", mjml).replace(GLUE, NO_BREAK_SPACE)
        return Rendered(
            subject=subject,
            title=title,
            text=_TOO_MANY_LINES.sub("\n\n", text).strip() + "\n",
            html=html_page(mjml, style_sheet=self._style_sheet(palette)).strip() + "\n",
            language=language.code,
        )

    def _style_sheet(self, palette: Palette) -> str:
        return self._text.get_template("mail.css.j2").render(palette=palette)

    def _part(
        self,
        environment: Environment,
        message: str,
        language: Language,
        frame: str,
        values: Mapping[str, Any],
    ) -> tuple[str, str, str]:
        """Return the rendered message, its subject and its title."""
        given = {**values, "frame": frame}
        template, context = self._prepared(environment, message, language, given)

        def line(name: str) -> str:
            words = "".join(template.blocks[name](template.new_context(context)))
            return _SPACES.sub(" ", words).strip()

        return template.render(context), line("subject"), line("title")

    def _prepared(
        self, environment: Environment, message: str, language: Language, values: Mapping[str, Any]
    ) -> tuple[Template, dict[str, Any]]:
        template = environment.get_template(f"{language.code}/{message}.j2")
        words = self._words_for(environment, language)
        return template, {**values, **self._habits(environment, language), "words": words}

    def _words_for(self, environment: Environment, language: Language) -> TemplateModule:
        if (environment, language) not in self._words:
            template = environment.get_template(f"{language.code}/words.j2")
            module = template.make_module(self._habits(environment, language))
            self._words[environment, language] = module
        return self._words[environment, language]

    def _habits(self, environment: Environment, language: Language) -> dict[str, Any]:
        """Return what every template gets: language, locale, country, whether it is for paper."""
        return {
            "language": language.code,
            "locale": language.locale,
            "territory": language.territory,
            "on_paper": environment is self._paper,
        }


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
    return money(amount, context["locale"])


@pass_context
def _day(context: Context, value: date) -> str:
    return day(value, context["locale"]).replace(" ", GLUE)


def _strong(words: str) -> Markup:
    return Markup("<strong>{}</strong>").format(escape(words))


def _bold(words: str) -> str:
    return f"{BOLD}{words}{BOLD}"


def _paragraphs(words: str) -> Iterable[str]:
    """Yield each paragraph on one line; escaped HTML keeps its type."""
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
    """Write one line a row, with the values aligned."""
    width = max((len(label) for label, _ in rows), default=0) + len(colon) + 2
    return "\n".join(
        _wrap(f"{label}{colon}".ljust(width) + value, hanging=width) for label, value in rows
    )


def _columns(rows: Sequence[Sequence[str]], headings: Sequence[str]) -> str:
    """Write a table whose last column is aligned to the right."""
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
