"""`worker.py` is one module, which import-linter does not look at."""

from __future__ import annotations

import ast
from pathlib import Path

WORKER = Path(__file__).parents[2] / "worker.py"


def test_of_the_api_the_worker_knows_only_what_talks_to_temporal() -> None:
    modules = [
        node.module
        for node in ast.walk(ast.parse(WORKER.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("starter")
    ]

    assert {".".join(module.split(".")[:2]) for module in modules} == {"starter.delivery"}
