"""Dockerfile and compose file name commands and settings that are there, and keep to the house."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from typing import Any

import pytest
from typer.main import get_command

from commands.main import app
from tests import containers
from tests.containers import ROOT, Command

ALL = sorted(containers.services())
DUNNING = sorted(
    {
        command
        for command in [
            *map(containers.command_of, containers.our_services().values()),
            *containers.commands_of_the_dockerfile(),
            *containers.documented_commands(),
        ]
        if command[0] == "dunning"
    }
)


def options_of(command: Command) -> tuple[Any, list[str]]:
    """The command that the words lead to, and what is left of them."""
    found: Any = get_command(app)
    words = list(command[1:])
    while words and words[0] in getattr(found, "commands", {}):
        found = found.commands[words.pop(0)]
    return found, words


@pytest.mark.parametrize("command", DUNNING, ids=" ".join)
def test_every_dunning_command_is_there_with_its_options(command: Command) -> None:
    found, words = options_of(command)

    assert not hasattr(found, "commands"), f"{found.name} wants a further word"
    known = {option for parameter in found.params for option in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= known


def test_there_are_commands_to_look_at() -> None:
    assert ("dunning", "worker") in DUNNING
    assert ("dunning", "keys", "create") in DUNNING


def test_the_image_runs_what_the_compose_file_runs() -> None:
    run = [*map(containers.command_of, containers.our_services().values())]
    checked = {
        word
        for service in containers.our_services().values()
        for word in containers.health_check_of(service) or ()
    }

    health, process = containers.commands_of_the_dockerfile()

    assert process in run
    assert set(health) <= checked


def test_every_variable_is_a_documented_setting() -> None:
    documented = set(
        re.findall(
            r"^\| `((?:DUNNING|TEMPORAL)_\w+)` \|",
            (ROOT / "docs" / "operating.md").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )

    assert set(containers.variables()) <= documented


@pytest.mark.parametrize("name", ALL)
def test_images_of_others_are_pinned(name: str) -> None:
    service = containers.services()[name]

    assert "build" in service or re.search(r":\d+(\.\d+)+$", service["image"])


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_published_to_the_network(name: str) -> None:
    ports = containers.services()[name].get("ports", [])

    assert all(port.startswith("127.0.0.1:") for port in ports)


@pytest.mark.parametrize("name", ALL)
def test_what_a_service_waits_for_can_come_to_pass(name: str) -> None:
    services = containers.services()
    for other, wait in services[name].get("depends_on", {}).items():
        runs_on = services[other]["restart"] == "unless-stopped"
        if wait["condition"] == "service_healthy":
            assert runs_on
            assert "healthcheck" in services[other]
        else:
            assert wait["condition"] == "service_completed_successfully"
            assert not runs_on


@pytest.mark.parametrize("name", ALL)
def test_every_service_that_runs_on_has_a_health_check(name: str) -> None:
    service = containers.services()[name]

    assert ("healthcheck" in service) == (service["restart"] == "unless-stopped")


def test_the_image_is_built_of_what_the_wheel_is_built_of_and_of_nothing_else() -> None:
    given = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packed = project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    build = ["pyproject.toml", "README.md", "LICENSE"]
    pins = ["requirements/run.txt", "requirements/build.txt"]

    assert "*" in given
    assert sorted(line[1:] for line in given if line.startswith("!")) == sorted(
        [*packed, *build, *pins]
    )


def test_the_image_installs_by_hashes_and_runs_as_nobody_special() -> None:
    lines = containers.DOCKERFILE.read_text(encoding="utf-8").splitlines()
    text = "\n".join(lines)

    assert [line for line in lines if line.startswith("USER ")] == ["USER dunning"]
    assert "dev.txt" not in text
    assert all("--require-hashes" in line for line in lines if "install" in line and "-r " in line)
    stages = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert len(stages) == 2
    assert all(re.fullmatch(r"python:3\.11\.\d+-slim-\w+", stage) for stage in stages)


@pytest.mark.parametrize("name", ["run", "build"])
def test_what_the_image_installs_is_the_same_as_elsewhere(name: str) -> None:
    def pins(file: str) -> set[str]:
        text = (ROOT / "requirements" / f"{file}.txt").read_text(encoding="utf-8")
        return set(re.findall(r"^([\w.\[\]-]+==[^\s;]+)", text, re.MULTILINE))

    assert pins(name) <= pins("dev")


def test_docker_reads_the_compose_file() -> None:
    client = _compose_client()
    if client is None:
        pytest.skip("neither docker compose nor docker-compose is installed")

    read = subprocess.run(
        [*client, "--file", str(containers.COMPOSE), "config", "--quiet"],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert read.returncode == 0, read.stderr


def _compose_client() -> list[str] | None:
    docker = shutil.which("docker")
    if (
        docker
        and not subprocess.run([docker, "compose", "version"], capture_output=True).returncode
    ):
        return [docker, "compose"]
    old = shutil.which("docker-compose")
    return [old] if old else None
