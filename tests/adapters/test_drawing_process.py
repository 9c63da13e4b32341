"""R25: an image from outside is drawn in a process that has limits, and nothing of it is left."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adapters.branding import drawing_process
from adapters.branding.drawing import kept_png
from adapters.branding.drawing_child import CPU_SECONDS, MEMORY
from adapters.branding.drawing_process import DrawingDelayed, draw
from adapters.branding.images import BrokenImage, ImageKind
from tests.child_processes import children, stopped_child
from tests.images import (
    DASHED_SVG,
    HEAVY_SVG,
    SLOW_SVG,
    SVG,
    a_bomb,
    a_chunk,
    a_doubling_svg,
    a_png,
    an_image,
    an_svg,
    curves,
    shown,
)

PNG, SVG_KIND = ImageKind.PNG, ImageKind.SVG
TOO_COSTLY = "takes too much time or memory to draw"


def limited(
    program: str, *, before: str = "", content: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    """A program in a process with the limits, and what it does before it has them."""
    limits = "from adapters.branding.drawing_child import limit_process; limit_process()"
    return subprocess.run(
        [sys.executable, "-I", "-c", "\n".join((before, limits, program))],
        input=content,
        capture_output=True,
        check=False,
        env=drawing_process._ENVIRONMENT,
    )


def cpu_seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


@pytest.mark.parametrize(
    ("content", "kind"),
    [(an_image("PNG"), PNG), (an_image("JPEG"), ImageKind.JPEG), (SVG, SVG_KIND)],
)
async def test_r25_what_the_process_draws_is_what_is_kept(content: bytes, kind: ImageKind) -> None:
    assert await draw(content, kind) == kept_png(content, kind)


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (DASHED_SVG, SVG_KIND, "dashed lines"),
        (a_doubling_svg(path=curves(6_000)), SVG_KIND, "too complicated"),
        (an_svg(f'<path d="{curves(12_000)}"/>'), SVG_KIND, "too complicated"),
        (an_svg(f'<path fill="url({" " * 290_000}"/>'), SVG_KIND, "from elsewhere"),
        (a_png(packed=a_bomb()), PNG, "more data than its size says"),
        (SLOW_SVG, SVG_KIND, TOO_COSTLY),
        (HEAVY_SVG, SVG_KIND, TOO_COSTLY),
    ],
    ids=["dashes", "use", "curves", "spaces", "IDAT", "masks", "text"],
)
async def test_r25_an_attack_costs_the_caller_nothing_and_is_over_soon(
    content: bytes, kind: ImageKind, words: str
) -> None:
    assert len(content) < 300_000
    before, ours, theirs = children(), time.process_time(), cpu_seconds_of_children()

    with pytest.raises(BrokenImage, match=words):
        await draw(content, kind)

    assert time.process_time() - ours < 0.5
    # The kernel looks at the limit once a tick.
    assert cpu_seconds_of_children() - theirs < CPU_SECONDS + 0.5
    assert children() == before


@pytest.mark.parametrize("name", [b"iCCP", b"zTXt", b"iTXt"])
async def test_r25_what_would_unpack_beside_the_picture_is_never_unpacked(name: bytes) -> None:
    about = b"x\0\1\0\0\0" if name == b"iTXt" else b"x\0\0"
    content = a_png(beside=a_chunk(name, about + a_bomb()))

    assert await draw(content, PNG) == await draw(a_png(), PNG)


def test_r25_the_largest_image_that_is_taken_keeps_within_the_limits() -> None:
    before = (
        "import sys; from adapters.branding.drawing import kept_png; "
        "from adapters.branding.images import ImageKind"
    )
    program = "sys.stdout.buffer.write(kept_png(sys.stdin.buffer.read(), ImageKind.PNG))"

    ended = limited(program, before=before, content=a_png(4000, 4000, depth=16))

    assert shown(ended.stdout).size == (400, 400)


@pytest.mark.parametrize(
    "program", ["open('/etc/passwd')", "open('new', 'w')", "socket.socket()", "os.pipe()"]
)
def test_r25_the_process_can_open_nothing(program: str) -> None:
    opening = f"try: {program}\nexcept OSError as error: print(errno.errorcode[error.errno])"

    ended = limited(opening, before="import errno, os, socket")

    assert ended.stdout == b"EMFILE\n"


def test_r25_the_process_gets_no_more_memory_than_its_limit() -> None:
    fits, fits_not = f"bytearray({MEMORY // 2})", f"bytearray({MEMORY})"

    ended = limited(f"{fits}\ntry: {fits_not}\nexcept MemoryError: print('no more')")

    assert ended.stdout == b"no more\n"


def test_r25_the_process_ends_when_its_processor_time_is_used_up() -> None:
    assert limited("while True: pass").returncode == -signal.SIGXCPU


def test_r25_the_process_is_the_first_to_go_when_memory_runs_out() -> None:
    ended = limited("print(score.read())", before="score = open('/proc/self/oom_score_adj')")

    assert int(ended.stdout) == 1000


async def test_r25_the_process_is_killed_when_nobody_waits_for_it_any_more() -> None:
    before = children()
    drawing = asyncio.create_task(draw(SVG, SVG_KIND))
    await stopped_child(before)

    drawing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drawing

    assert children() == before


async def test_r25_a_process_that_does_not_come_to_its_turn_is_killed_and_may_be_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = children()
    monkeypatch.setattr(drawing_process, "_SECONDS", 0)

    with pytest.raises(DrawingDelayed):
        await draw(SVG, SVG_KIND)

    assert children() == before


async def test_r25_where_no_process_can_be_started_it_may_be_tried_again() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, most))

    try:
        with pytest.raises(DrawingDelayed):
            await draw(SVG, SVG_KIND)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


async def test_r25_the_process_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUNNING_SMTP_PASSWORD", "secret-of-ours")
    before = children()
    drawing = asyncio.create_task(draw(SVG, SVG_KIND))

    known = environment_of(await stopped_child(before))

    drawing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drawing
    assert b"MALLOC_ARENA_MAX" in known
    assert b"secret-of-ours" not in known
