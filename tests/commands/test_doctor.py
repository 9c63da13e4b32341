"""`dunning doctor` names what is missing and the way out, and never a secret."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import workflows
from commands.checks import findings, machine
from commands.checks.findings import Finding, State, ok, within_limit
from commands.checks.temporal import QUEUES
from commands.main import app
from runtime.clock import SystemClock
from runtime.ports import free_port

Env = pytest.MonkeyPatch
SECRET = "geheim-4711"


def of(check: str, found: list[Finding]) -> list[tuple[State, str]]:
    return [(finding.state, finding.says) for finding in found if finding.check == check]


def test_the_python_and_the_time_zones_of_this_machine_are_fine() -> None:
    assert machine.python().state is State.OK
    assert machine.time_zones().state is State.OK


def test_time_zones_that_are_not_known_are_named() -> None:
    found = machine.time_zones(["Europe/Berlin", "Europe/Nowhere"])

    assert (found.state, found.says) == (State.PROBLEM, "not known: Europe/Nowhere")
    assert "tzdata" in (found.remedy or "")


def test_settings_that_can_be_used_are_fine(bare: Path) -> None:
    settings, found = machine.settings()

    assert settings is not None
    assert [finding.state for finding in found] == [State.OK]


def test_each_wrong_setting_is_a_problem(bare: Path, monkeypatch: Env) -> None:
    monkeypatch.setenv("DUNNING_SMTP_PORT", "x")
    monkeypatch.setenv("DUNNING_MAIL_FROM", "x")

    settings, found = machine.settings()

    assert settings is None
    assert [(finding.state, finding.says.partition(":")[0]) for finding in found] == [
        (State.PROBLEM, "DUNNING_SMTP_PORT"),
        (State.PROBLEM, "DUNNING_MAIL_FROM"),
    ]


def test_a_variable_that_is_no_setting_is_a_warning(bare: Path, monkeypatch: Env) -> None:
    monkeypatch.setenv("DUNNING_SMTP_HOTS", SECRET)

    _, found = machine.settings()

    assert of("settings", found) == [(State.WARNING, "not a setting: DUNNING_SMTP_HOTS")]


def test_the_file_system_of_a_path_is_that_of_the_innermost_mount() -> None:
    mounts = (
        "/dev/sda1 / ext4 rw 0 0\n"
        "filer:/data /srv/data nfs4 rw 0 0\n"
        "tmpfs /srv/data/fast tmpfs rw 0 0\n"
        "//nas/my\\040files /my\\040files cifs rw 0 0\n"
    )

    def kind(path: str) -> str | None:
        return machine.file_system_of(Path(path), mounts)

    assert kind("/srv/dunning.db") == "ext4"
    assert kind("/srv/database/dunning.db") == "ext4"
    assert kind("/srv/data/dunning.db") == "nfs4"
    assert kind("/srv/data/fast/dunning.db") == "tmpfs"
    assert kind("/my files/dunning.db") == "cifs"
    assert machine.file_system_of(Path("/a"), "") is None


def test_every_task_queue_is_looked_at() -> None:
    named = {value for name, value in vars(workflows).items() if name.endswith("_QUEUE")}

    assert {queue for queue, _ in QUEUES} == named


async def test_a_check_that_takes_too_long_is_a_problem_with_its_remedy(
    monkeypatch: Env,
) -> None:
    monkeypatch.setattr(findings, "LIMIT_SECONDS", 0.01)

    async def waits() -> list[Finding]:
        await asyncio.Event().wait()
        return []

    (found,) = await within_limit("mail", waits(), "look")

    assert (found.state, found.remedy) == (State.PROBLEM, "look")
    assert found.says.startswith("no answer within")


async def test_a_check_that_fails_itself_tells_only_the_kind_of_its_failure() -> None:
    async def fails() -> list[Finding]:
        raise LookupError(SECRET)

    (found,) = await within_limit("mail", fails(), "look")

    assert found.says == "could not be checked: LookupError"


def test_where_nothing_is_there_everything_is_named_and_the_exit_code_is_one(
    bare: Path, monkeypatch: Env
) -> None:
    nobody = free_port()
    monkeypatch.setenv("DUNNING_DATABASE_URL", f"postgresql://u:{SECRET}@127.0.0.1:{nobody}/d")
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{nobody}")
    monkeypatch.setenv("TEMPORAL_API_KEY", SECRET)
    monkeypatch.setenv("DUNNING_SMTP_PORT", str(nobody))
    monkeypatch.setenv("DUNNING_SMTP_USERNAME", "dunning")
    monkeypatch.setenv("DUNNING_SMTP_PASSWORD", SECRET)
    monkeypatch.setenv("DUNNING_PARTNER_URL", f"http://u:{SECRET}@127.0.0.1:{nobody}")
    monkeypatch.setenv("DUNNING_PARTNER_API_KEY", SECRET)

    plain = CliRunner().invoke(app, ["doctor"])
    for_machines = CliRunner().invoke(app, ["doctor", "--json"])

    assert (plain.exit_code, for_machines.exit_code) == (1, 1)
    assert SECRET not in plain.output + for_machines.output
    report = json.loads(for_machines.output)
    assert report["ok"] is False
    problems = [one for one in report["findings"] if one["state"] == "problem"]
    assert [one["check"] for one in problems] == ["database", "temporal", "mail", "partner"]
    assert all(one["remedy"] for one in problems)
    assert len(plain.output.splitlines()) == len(report["findings"])


def test_with_wrong_settings_what_needs_none_is_still_checked(bare: Path, monkeypatch: Env) -> None:
    monkeypatch.setenv("DUNNING_SMTP_PORT", "x")
    monkeypatch.setenv("TEMPORAL_PROFILE", "nobodys")

    report = json.loads(CliRunner().invoke(app, ["doctor", "--json"]).output)

    said = [(one["check"], one["state"]) for one in report["findings"]]
    assert said == [
        ("python", "ok"),
        ("time zones", "ok"),
        ("settings", "problem"),
        ("temporal", "problem"),
    ]


def test_without_a_problem_the_exit_code_is_zero(monkeypatch: Env) -> None:
    async def well(_clock: SystemClock) -> list[Finding]:
        return [ok("python", "3.11"), findings.warning("workers", "none", "start one")]

    monkeypatch.setattr("commands.doctor.examine", well)

    outcome = CliRunner().invoke(app, ["doctor"])

    assert outcome.exit_code == 0
    assert outcome.output.splitlines() == [
        "ok       python   3.11",
        "warning  workers  none; start one",
    ]
