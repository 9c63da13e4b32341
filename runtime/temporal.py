"""Connecting to Temporal, by its own `TEMPORAL_…` variables and files."""

from __future__ import annotations

import logging
import re
from functools import cache
from pathlib import Path
from typing import Final

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from runtime.configuration import WrongSettings, environment

_ADDRESS: Final = "127.0.0.1:7233"
_NAMESPACE: Final = "default"
_SDK: Final = "temporalio.sdk"
_CONFIG_FILE: Final = "TEMPORAL_CONFIG_FILE"
# Finds the message of the system's error inside that of the client.
_REASON: Final = re.compile(r'(?:message|error): "([^"]+)"')
_HOST_AND_PORT: Final = re.compile(r"[^\s/]+:\d+")


class TemporalUnavailable(Exception):
    """Temporal did not answer; whether a request was carried out is unknown."""


def connection() -> ClientConnectConfig:
    """Read address, namespace, key and certificates. Raises `WrongSettings`."""
    variables = environment()
    named = variables.get(_CONFIG_FILE)
    if named and not Path(named).is_file():
        raise WrongSettings(f"{_CONFIG_FILE}: there is no file {named}")
    try:
        given = ClientConfig.load_client_connect_config(
            # A file that was named on purpose must have no misspelt names.
            config_file_strict=bool(named),
            override_env_vars=variables,
        )
    except OSError as error:
        raise WrongSettings(f"{error.filename} cannot be read: {error.strerror}") from None
    except RuntimeError as error:
        raise WrongSettings(_problem(error, named)) from None
    config = ClientConnectConfig(target_host=_ADDRESS, namespace=_NAMESPACE)
    config.update(given)
    if not _HOST_AND_PORT.fullmatch(config["target_host"]):
        raise WrongSettings("TEMPORAL_ADDRESS: is not host:port")
    return config


def _problem(error: RuntimeError, file: str | None) -> str:
    """Return the problem in one line, because the other lines may quote the file with a key."""
    first, *others = str(error).splitlines()
    if not first.startswith("Configuration loading error"):
        return f"TEMPORAL_…: {first[:1].lower()}{first[1:]}"
    unknown = [line for line in others if line.startswith("unknown field")]
    words = ": ".join([first.rpartition(": ")[2], *unknown])
    return f"{file or 'the configuration file of Temporal'}: {words}"


def _why(error: Exception) -> str:
    """Return in a few words why a client could not connect."""
    reasons = _REASON.findall(str(error))
    return str(reasons[-1]) if reasons else "does not answer as it should"


@cache
def telemetry(address: str | None = None) -> Runtime:
    """Return the SDK's runtime: it logs to our log and shows metrics at `http://ADDRESS/metrics`.

    There is one for each address in a process, and no metrics without an address.
    """
    metrics = address and PrometheusConfig(
        bind_address=address,
        durations_as_seconds=True,
        unit_suffix=True,
        counters_total_suffix=True,
    )
    return Runtime(
        telemetry=TelemetryConfig(
            logging=LoggingConfig(
                filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
                forwarding=LogForwardingConfig(
                    logger=logging.getLogger(_SDK),
                    append_target_to_name=False,
                    prepend_target_on_message=False,
                    # The fields contain failures with the words of exceptions.
                    append_log_fields_to_message=False,
                ),
            ),
            metrics=metrics or None,
            global_tags={"service": "dunning"},
        )
    )


async def connect(*, lazy: bool = False, runtime: Runtime | None = None) -> Client:
    """Connect to Temporal; with `lazy` only when the client is first used.

    Raises `WrongSettings`, and `TemporalUnavailable` if the server does not answer.
    """
    config = connection()
    try:
        return await Client.connect(
            **config,
            data_converter=pydantic_data_converter,
            lazy=lazy,
            runtime=runtime or telemetry(),
        )
    except (RuntimeError, ValueError) as error:
        raise TemporalUnavailable(f"{config['target_host']}: {_why(error)}") from error
