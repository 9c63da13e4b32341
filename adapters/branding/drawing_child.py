"""The process that draws one image: `python -m adapters.branding.drawing_child KIND`.

The image comes on standard input, and the PNG that is kept of it goes to standard output. An
image that cannot be taken ends it with `EX_DATAERR`, and the words go to standard output.

It can do nothing but compute: it opens no file and no connection, and it ends when it has used
up its processor time or its memory.
"""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from adapters.branding.drawing import kept_png
from adapters.branding.images import BrokenImage, ImageKind

CPU_SECONDS: Final = 2
MEMORY: Final = 320 * 1024 * 1024
"""In bytes, of addresses. The largest image that is taken, 4000 x 4000 with 16 bits a color,
needs less than 256 MB."""

_GIVES_WAY: Final = 5
# A container that runs out of memory ends this process first.
_ENDS_FIRST: Final = "1000"


def limit_process() -> None:
    """Set the limits of this process; from here on it cannot open anything."""
    os.nice(_GIVES_WAY)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_ENDS_FIRST)
    # What the drawing library writes about its end is of no use to anybody.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stderr.fileno())
    os.close(nowhere)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    if sys.platform == "linux":  # others do not keep to it
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def main() -> int:
    limit_process()
    try:
        answer, code = kept_png(sys.stdin.buffer.read(), ImageKind(sys.argv[1])), os.EX_OK
    except BrokenImage as broken:
        answer, code = str(broken).encode(), os.EX_DATAERR
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return code


if __name__ == "__main__":
    sys.exit(main())
