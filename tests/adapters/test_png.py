"""R25: what is kept of a PNG is its picture; it is never unpacked beyond its size."""

from __future__ import annotations

import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from adapters.branding.images import LOGO_BOX, BrokenImage, Size
from adapters.branding.png import Png, plain_size
from tests.images import RED, a_bomb, a_chunk, a_png, an_image, saved, shown

BESIDE = {
    "a color profile": a_chunk(b"iCCP", b"x\0\0" + a_bomb()),
    "a packed text": a_chunk(b"zTXt", b"x\0\0" + a_bomb()),
    "a packed text in Unicode": a_chunk(b"iTXt", b"x\0\1\0\0\0" + a_bomb()),
    "a text": a_chunk(b"tEXt", b"Author\0Ada Muster"),
    "what nobody knows": a_chunk(b"teSt", b"x" * 1000),
}


def plain(content: bytes) -> bytes:
    return Png.read(content).repacked().written()


def chunk_names(content: bytes) -> list[bytes]:
    names, at = [], 8
    while at < len(content):
        names.append(content[at + 4 : at + 8])
        at += 12 + int.from_bytes(content[at : at + 4])
    return names


def a_palette_image() -> Image.Image:
    image = Image.new("P", (60, 20))
    image.putpalette([*RED, 0, 0, 255])
    image.putdata([number % 2 for number in range(60 * 20)])
    return image


PICTURES = {
    "colors": saved(Image.effect_noise((70, 50), 90).convert("RGB")),
    "transparent colors": saved(Image.effect_noise((70, 50), 90).convert("RGBA")),
    "gray": saved(Image.effect_noise((70, 50), 90)),
    "black and white": saved(Image.effect_noise((70, 50), 90).convert("1")),
    "palette": saved(a_palette_image()),
    "palette with one transparent color": saved(a_palette_image(), transparency=0),
    "16 bits": saved(Image.new("I;16", (30, 20), 40_000)),
}


@pytest.mark.parametrize("content", PICTURES.values(), ids=PICTURES)
def test_r25_a_plain_png_shows_the_same_picture(content: bytes) -> None:
    assert shown(plain(content)).tobytes() == shown(content).tobytes()
    assert set(chunk_names(plain(content))) <= {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}


@pytest.mark.parametrize("content", PICTURES.values(), ids=PICTURES)
def test_r25_a_plain_png_stays_as_it_is(content: bytes) -> None:
    once = plain(content)

    assert plain(once) == once
    assert plain_size(once, LOGO_BOX) == Png.read(content).size


@pytest.mark.parametrize("beside", BESIDE.values(), ids=BESIDE)
def test_r25_what_is_no_picture_is_left_out_unread(beside: bytes) -> None:
    content = a_png(beside=beside)

    assert plain(content) == plain(a_png())
    assert plain_size(content, LOGO_BOX) is None


def test_r25_what_comes_after_the_end_is_left_out() -> None:
    assert plain(a_png() + b"<script>alert(1)</script>") == plain(a_png())


def test_r25_data_beyond_the_size_is_refused_before_it_is_unpacked() -> None:
    bomb = Png.read(a_png(packed=a_bomb()))
    tracemalloc.start()

    with pytest.raises(BrokenImage, match="more data than its size says"):
        bomb.repacked()

    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000


def test_r25_a_plain_png_with_too_much_data_is_not_plain() -> None:
    content = Png.read(a_png(packed=a_bomb())).written()

    assert plain_size(content, LOGO_BOX) is None


def test_a_plain_png_fits_into_its_box() -> None:
    content = plain(a_png(100, 40))

    assert plain_size(content, Size(100, 40)) == (100, 40)
    assert plain_size(content, Size(99, 40)) is None
    assert plain_size(content, Size(100, 39)) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        an_image("JPEG"),
        a_png()[:8],
        a_png()[:33],
        a_png()[:-20],
        a_png()[:-1],
        a_png(packed=b""),
        a_png(packed=b"no packed data"),
        a_png(packed=zlib.compress(bytes(100 * 401 - 1))),
        a_png(packed=zlib.compress(bytes(100 * 401))[:-5]),
        a_png(packed=zlib.compress(b"\5" * (100 * 401))),
        a_png(depth=7),
        a_png(width=0),
        saved(a_palette_image()).replace(b"PLTE", b"plTe"),
    ],
)
def test_r25_what_is_broken_is_refused(content: bytes) -> None:
    with pytest.raises(BrokenImage):
        plain(content)


@given(st.binary(max_size=60), st.integers(0, len(a_png()) - 1))
def test_r25_whatever_is_in_a_file_it_is_taken_or_refused(other: bytes, at: int) -> None:
    content = a_png()[:at] + other + a_png()[at + len(other) :]

    try:
        taken = plain(content)
    except BrokenImage:
        return
    assert plain_size(taken, Size(10**9, 10**9)) is not None


@given(st.integers(1, 20), st.integers(1, 20), st.sampled_from([1, 2, 4, 8, 16]))
def test_an_interlaced_png_has_as_much_data_as_its_passes(
    width: int, height: int, depth: int
) -> None:
    """Against pixels that are dealt out to the passes one by one."""
    pattern = (
        *("16462646", "77777777", "56565656", "77777777", "36463646"),
        *("77777777", "56565656", "77777777"),
    )
    passes: dict[str, dict[int, int]] = {}
    for row in range(height):
        for column in range(width):
            rows = passes.setdefault(pattern[row % 8][column % 8], {})
            rows[row] = rows.get(row, 0) + 1
    lengths = [count for rows in passes.values() for count in rows.values()]
    expected = sum(1 + -(-length * depth // 8) for length in lengths)
    header = width.to_bytes(4) + height.to_bytes(4) + bytes([depth, 0, 0, 0, 1])

    png = Png(header, b"", b"", zlib.compress(bytes(expected)))
    more = Png(header, b"", b"", zlib.compress(bytes(expected + 1)))

    png.check_data()
    with pytest.raises(BrokenImage, match="more data"):
        more.check_data()
