"""Tests of what every process does first."""

from __future__ import annotations

from tests.unconfigured import bare

__all__ = ["bare"]
