"""Pictures of pages: of mails by Chromium, as wide as a telephone and a window; of letters."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import pypdfium2
from PIL import Image, ImageChops

AT_ONCE: Final = 26
_MORE: Final = 800
_EMPTY: Final = 40
_DARK: Final = "@media (prefers-color-scheme: dark)"
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
# Pictures are looked at once and thrown away.
_QUICK: Final = 1
_CONTACT_WIDTH: Final = 420
_CONTACT_HEIGHT: Final = 594


class View(NamedTuple):
    """How a page is shown: as wide as a telephone or a window, on a light screen or a dark one."""

    name: str
    width: int
    is_dark: bool = False


VIEWS: Final = (View("390", 390), View("800", 800))
DARK: Final = View("390-dark", 390, is_dark=True)


def chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser")


def pictures_of_pages(browser: str, shown: Sequence[tuple[Path, View]]) -> None:
    """A picture of each view beside its page: `page-390.png`."""
    tall = max(_height_of(page) for page, _ in shown)
    while True:
        whole = _screenshot(browser, shown, tall)
        if not _is_cut(whole):
            break
        tall += _MORE
    left = 0
    for page, view in shown:
        picture = _trim(whole.crop((left, 0, left + view.width, tall)))
        picture.save(page.with_name(f"{page.stem}-{view.name}.png"), compress_level=_QUICK)
        left += view.width


def _height_of(page: Path) -> int:
    """About how tall a page is on a telephone, by the length of its text."""
    return 1000 + len(page.with_suffix(".txt").read_text("utf-8")) * 2 // 3


def _is_cut(whole: Image.Image) -> bool:
    """Whether a page goes on beneath the picture: then its lowest rows are not all the same."""
    lowest = whole.crop((0, whole.height - _EMPTY, whole.width, whole.height))
    row = lowest.crop((0, 0, whole.width, 1)).resize(lowest.size)
    return ImageChops.difference(lowest, row).getbbox() is not None


def _screenshot(browser: str, shown: Sequence[tuple[Path, View]], tall: int) -> Image.Image:
    """All views side by side."""
    with TemporaryDirectory(prefix="gallery-") as folder:
        # Windows narrower than 500 pixels are made wider: frames are not. One start for all.
        around, shot = Path(folder) / "frames.html", Path(folder) / "shot.png"
        frames = (
            f'<iframe src="{_file(page, view, Path(folder)).as_uri()}" style="float:left;border:0;'
            f'width:{view.width}px;height:{tall}px"></iframe>'
            for page, view in shown
        )
        around.write_text(f'<body style="margin:0">{"".join(frames)}', "utf-8")
        subprocess.run(
            [
                browser,
                *_QUIET,
                f"--user-data-dir={folder}/profile",
                f"--window-size={sum(view.width for _, view in shown)},{tall}",
                f"--screenshot={shot}",
                around.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=300,
        )
        return Image.open(shot).convert("RGB")


def _file(page: Path, view: View, folder: Path) -> Path:
    """The page; for a dark screen a copy on which what is said of those holds everywhere."""
    if not view.is_dark:
        return page.resolve()
    copy = folder / page.name
    words = page.read_text("utf-8")
    assert _DARK in words
    copy.write_text(words.replace(_DARK, "@media all"), "utf-8")
    return copy


def pictures_of_letter(letter: Path) -> None:
    """A picture of each page beside the letter: `letter-page-1.png`."""
    for number, page in enumerate(pypdfium2.PdfDocument(letter), start=1):
        target = letter.with_name(f"{letter.stem}-page-{number}.png")
        page.render(scale=1.6).to_pil().save(target, compress_level=_QUICK)


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
