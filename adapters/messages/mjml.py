"""From MJML to HTML that mail programs show: tables, styles in place, nothing from outside.

Only the house's own style sheet is set in place. What MJML writes is already; its style tags stay
as they are, and so do the rules for narrow screens and dark pages.
"""

from __future__ import annotations

from functools import lru_cache

from css_inline import CSSInliner
from mjml import mjml2html


def html_page(mjml: str, *, style_sheet: str) -> str:
    """A page without external resources; `ValueError` if the MJML is broken."""
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
