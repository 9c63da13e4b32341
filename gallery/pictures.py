"""Pictures of pages: of mails by Chromium, as wide as a telephone and a window; of letters."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pypdfium2
from PIL import Image, ImageChops

WIDTHS: Final = (390, 800)
AT_ONCE: Final = 8
_TALL: Final = 2600
_QUIET: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
_CONTACT_WIDTH: Final = 420
_CONTACT_HEIGHT: Final = 594


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def pictures_of_pages(browser: str, pages: Sequence[Path]) -> None:
    """A picture for each width beside each page: `page-390.png`."""
    shown = [(page, width) for page in pages for width in WIDTHS]
    with TemporaryDirectory(prefix="gallery-") as folder:
        # Windows narrower than 500 pixels are made wider: frames are not. One start for all.
        around, shot = Path(folder) / "frames.html", Path(folder) / "shot.png"
        frames = (
            f'<iframe src="{page.resolve().as_uri()}" style="float:left;border:0;'
            f'width:{width}px;height:{_TALL}px"></iframe>'
            for page, width in shown
        )
        around.write_text(f'<body style="margin:0">{"".join(frames)}', "utf-8")
        subprocess.run(
            [
                browser,
                *_QUIET,
                f"--user-data-dir={folder}/profile",
                f"--window-size={sum(width for _, width in shown)},{_TALL}",
                f"--screenshot={shot}",
                around.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )
        whole = Image.open(shot).convert("RGB")
    left = 0
    for page, width in shown:
        picture = _trim(whole.crop((left, 0, left + width, _TALL)))
        picture.save(page.with_name(f"{page.stem}-{width}.png"))
        left += width


def pictures_of_letter(letter: Path) -> None:
    """A picture of each page beside the letter: `letter-page-1.png`."""
    for number, page in enumerate(pypdfium2.PdfDocument(letter), start=1):
        target = letter.with_name(f"{letter.stem}-page-{number}.png")
        page.render(scale=1.6).to_pil().save(target)


def contact_sheet(pictures: list[Path], target: Path, *, columns: int = 4) -> None:
    """Pictures side by side, in few enough colours for a small file."""
    rows = -(-len(pictures) // columns)
    gap = 20
    sheet = Image.new(
        "RGB",
        (columns * (_CONTACT_WIDTH + gap) + gap, rows * (_CONTACT_HEIGHT + gap) + gap),
        "#9ca3af",
    )
    for number, picture in enumerate(pictures):
        shown = Image.open(picture).convert("RGB")
        shown.thumbnail((_CONTACT_WIDTH, _CONTACT_WIDTH * 10), Image.Resampling.LANCZOS)
        shown = shown.crop((0, 0, shown.width, min(shown.height, _CONTACT_HEIGHT)))
        row, column = divmod(number, columns)
        place = (gap + column * (_CONTACT_WIDTH + gap), gap + row * (_CONTACT_HEIGHT + gap))
        sheet.paste(shown, place)
    few = sheet.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(target, optimize=True)


def _trim(picture: Image.Image) -> Image.Image:
    """Without the empty rest at its end."""
    lowest = picture.getpixel((0, picture.height - 1))
    assert isinstance(lowest, tuple)
    empty = Image.new("RGB", picture.size, lowest)
    box = ImageChops.difference(picture, empty).getbbox()
    return picture.crop((0, 0, picture.width, min(picture.height, box[3] + 16))) if box else picture
