"""Converting MJML to HTML for mail programs: tables, inline styles, no external resources.

Only our own style sheet is inlined. MJML inlines its styles itself; the style tags that it writes
stay, and with them the rules for narrow screens and dark pages.
"""

from __future__ import annotations

from functools import lru_cache

from css_inline import CSSInliner
from mjml import mjml2html


def html_page(mjml: str, *, style_sheet: str) -> str:
    """Make a page without external resources. Raises `ValueError` if the MJML is broken."""
    page = mjml2html(mjml, fonts={})
    return _inliner(style_sheet).inline(page)


@lru_cache(maxsize=64)
def _inliner(style_sheet: str) -> CSSInliner:
    return CSSInliner(
        inline_style_tags=False,
        keep_style_tags=True,
        load_remote_stylesheets=False,
        extra_css=style_sheet,
    )
