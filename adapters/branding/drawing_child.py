"""The process that draws one image: `python -m adapters.branding.drawing_child KIND`.

It reads the image from standard input and writes the PNG to standard output. If the image is
refused, it writes the reason to standard output and exits with `EX_DATAERR`.

It can only compute: it cannot open a file or a connection, and it ends when it has used up its
processor time or its memory.
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
"""In bytes of address space. The largest image that is accepted, 4000 x 4000 pixels with 16 bits a
color, needs less than 256 MB."""

_GIVES_WAY: Final = 5
# If a container runs out of memory, the kernel ends this process first.
_ENDS_FIRST: Final = "1000"


def limit_process() -> None:
    """Set the limits of this process; after that it cannot open anything."""
    os.nice(_GIVES_WAY)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_ENDS_FIRST)
    # The drawing library's messages about a panic are useless.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stderr.fileno())
    os.close(nowhere)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    if sys.platform == "linux":  # other systems do not enforce it
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
