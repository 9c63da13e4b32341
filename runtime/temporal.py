"""Reaching Temporal."""

from __future__ import annotations

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from runtime.settings import Settings


class CasesUnavailable(Exception):
    """Temporal did not answer: what became of a request is not known."""


async def connect(settings: Settings, *, lazy: bool = False) -> Client:
    """A client; a lazy one connects when it is first used, so that a server may come later."""
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=pydantic_data_converter,
        lazy=lazy,
    )
