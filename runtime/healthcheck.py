"""The health check of containers: `python -m runtime.healthcheck URL …`.

It imports no other module of the system, because it runs every few seconds.
"""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
from typing import Final

_TIMEOUT_SECONDS: Final = 3
_SERVER_ERROR: Final = 500


def answers(url: str) -> bool:
    """Whether a server answers at the URL, with any status below 500."""
    # No proxy: the server runs in the same container.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=_TIMEOUT_SECONDS):
            return True
    except urllib.error.HTTPError as error:
        return error.code < _SERVER_ERROR
    except (OSError, ValueError):
        return False


def main(urls: list[str]) -> int:
    """Return 0 if any of the URLs answers, else 1."""
    return 0 if any(answers(url) for url in urls) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
