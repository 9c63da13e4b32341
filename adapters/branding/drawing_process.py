"""Drawing a foreign image in a process of its own, which has limits (R25).

DrawingDelayed      the machine was too busy to draw the image in time
"""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from typing import Final

import structlog

from adapters.branding.images import LOGO_BOX, BrokenImage, ImageKind
from adapters.branding.png import plain_size

log = structlog.get_logger()

# Ten times the limit of processor time, so that a busy machine has enough time, too.
_SECONDS: Final = 20
_LARGEST_ANSWER: Final = 250_000
_CANNOT: Final = "is broken: it cannot be drawn"
# The whole environment of the process, so it gets none of our secrets. Each thread takes address
# space, so there is only one.
_ENVIRONMENT: Final = {"RAYON_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
_PASSED_ON: Final = ("LD_LIBRARY_PATH",)  # Python's own library may be there


# The machine has no process, memory or file left.
_NO_ROOM: Final = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE})


class DrawingDelayed(Exception):
    """The image was not drawn in time; it can be tried again."""


async def draw(content: bytes, kind: ImageKind) -> bytes:
    """Draw an image as the PNG that is kept. Raises `BrokenImage` and `DrawingDelayed`.

    The process has ended when this returns, also when this is canceled.
    """
    process = await _started(kind)
    try:
        async with asyncio.timeout(_SECONDS):
            answer = await _answer(process, content)
            code = await process.wait()
    except TimeoutError:
        raise DrawingDelayed from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return _checked(answer, code)


async def _started(kind: ImageKind) -> Process:
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-m", "adapters.branding.drawing_child", kind.value),
            stdin=PIPE,
            stdout=PIPE,
            env=_ENVIRONMENT | passed_on,
            start_new_session=True,  # Ctrl-C must reach only this process
        )
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise DrawingDelayed from error
        raise


async def _answer(process: Process, content: bytes) -> bytes:
    """Read all that the process writes. Raises `BrokenImage` if it is too much."""
    assert process.stdin is not None
    assert process.stdout is not None
    with suppress(BrokenPipeError, ConnectionResetError):  # it may end without reading all
        process.stdin.write(content)
        await process.stdin.drain()
    process.stdin.close()
    try:
        await process.stdout.readexactly(_LARGEST_ANSWER)
    except asyncio.IncompleteReadError as ended:
        return ended.partial
    raise BrokenImage(_CANNOT)


def _checked(answer: bytes, code: int) -> bytes:
    if code == os.EX_OK:
        if plain_size(answer, LOGO_BOX) is None:
            raise BrokenImage(_CANNOT)
        return answer
    if code == os.EX_DATAERR:
        raise BrokenImage(answer.decode())
    if code < 0:  # ended by a signal: one of its limits, or a panic of the library
        log.warning("logo_not_drawn", signal=-code)
        raise BrokenImage("takes too much time or memory to draw; give a simpler or smaller one")
    raise RuntimeError(f"the process that draws logos ended with {code}")
