"""`dunning api` and `dunning worker`: the processes of a deployment."""

from __future__ import annotations

from typing import Annotated

import typer

from runtime.settings import Settings


def worker(
    metrics_port: Annotated[
        int | None, typer.Option(help="Where Prometheus asks, 0: any free one.")
    ] = None,
) -> None:
    """Run the worker: workflows and activities."""
    import worker as process

    process.main(_settings(metrics_port=metrics_port))


def api(
    api_port: Annotated[int | None, typer.Option(help="Where it listens, 0: any free one.")] = None,
) -> None:
    """Run the HTTP API and the console."""
    from console.app import main as serve

    serve(_settings(api_port=api_port))


def _settings(**options: int | None) -> Settings:
    """Return the settings; an option overrides the environment and the files."""
    return Settings(**{name: given for name, given in options.items() if given is not None})
