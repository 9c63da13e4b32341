"""How Temporal is reached is said by its own variables and files."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.service import TLSConfig

from runtime.configuration import WrongSettings
from runtime.ports import free_port
from runtime.temporal import TemporalUnavailable, connect, connection

Env = pytest.MonkeyPatch
SECRET = "geheim-4711"


def problem() -> str:
    with pytest.raises(WrongSettings) as wrong:
        connection()
    (said,) = wrong.value.problems
    assert SECRET not in said
    assert "\n" not in said
    return said


def temporal_file(bare: Path, monkeypatch: Env, text: str) -> None:
    (bare / "temporal.toml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", "temporal.toml")


def test_without_any_configuration_it_is_the_server_of_this_machine(bare: Path) -> None:
    assert connection() == {"target_host": "127.0.0.1:7233", "namespace": "default"}


def test_variables_name_server_and_namespace(bare: Path, monkeypatch: Env) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal:7233")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "dunning")

    assert connection() == {"target_host": "temporal:7233", "namespace": "dunning"}


def test_they_may_stand_in_the_env_file_too(bare: Path, monkeypatch: Env) -> None:
    (bare / ".env").write_text("TEMPORAL_ADDRESS=a:1\nTEMPORAL_NAMESPACE=b\n")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "c")

    assert connection() == {"target_host": "a:1", "namespace": "c"}


def test_a_key_brings_encryption_along(bare: Path, monkeypatch: Env) -> None:
    monkeypatch.setenv("TEMPORAL_API_KEY", SECRET)

    config = connection()

    assert (config["api_key"], config["tls"]) == (SECRET, True)


def test_certificates_are_read_from_their_files(bare: Path, monkeypatch: Env) -> None:
    (bare / "cert.pem").write_text("cert")
    (bare / "key.pem").write_text("key")
    monkeypatch.setenv("TEMPORAL_TLS_CLIENT_CERT_PATH", "cert.pem")
    monkeypatch.setenv("TEMPORAL_TLS_CLIENT_KEY_PATH", "key.pem")
    monkeypatch.setenv("TEMPORAL_TLS_SERVER_NAME", "dunning.temporal")

    assert connection()["tls"] == TLSConfig(
        client_cert=b"cert", client_private_key=b"key", domain="dunning.temporal"
    )


def test_a_profile_of_a_file_is_taken_and_variables_count_for_more(
    bare: Path, monkeypatch: Env
) -> None:
    temporal_file(
        bare,
        monkeypatch,
        '[profile.default]\naddress = "a:1"\n'
        f'[profile.cloud]\naddress = "b:2"\nnamespace = "n"\napi_key = "{SECRET}"\n',
    )
    assert connection()["target_host"] == "a:1"
    monkeypatch.setenv("TEMPORAL_PROFILE", "cloud")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "other")

    config = connection()

    assert (config["target_host"], config["namespace"]) == ("b:2", "other")
    assert config["api_key"] == SECRET


def test_a_profile_that_is_not_there_is_named(bare: Path, monkeypatch: Env) -> None:
    monkeypatch.setenv("TEMPORAL_PROFILE", "cloud")

    assert "'cloud'" in problem()


def test_a_file_that_is_not_there_is_named(bare: Path, monkeypatch: Env) -> None:
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", "nowhere.toml")

    assert problem() == "TEMPORAL_CONFIG_FILE: there is no file nowhere.toml"


def test_a_certificate_that_is_not_there_is_named(bare: Path, monkeypatch: Env) -> None:
    monkeypatch.setenv("TEMPORAL_TLS_CLIENT_CERT_PATH", "nowhere.pem")

    assert problem() == "nowhere.pem cannot be read: No such file or directory"


@pytest.mark.parametrize(
    "text",
    [
        f'[profile.default]\napi_key = "{SECRET}',
        f'[profile.default]\napi_key = {{ a = "{SECRET}" }}',
        f'[profile.default]\nadress = "{SECRET}"',
    ],
)
def test_a_file_that_is_wrong_is_named_with_the_line_and_without_its_words(
    bare: Path, monkeypatch: Env, text: str
) -> None:
    temporal_file(bare, monkeypatch, text)

    said = problem()

    assert said.startswith("temporal.toml: ")
    assert "line 2" in said


@pytest.mark.parametrize("address", ["https://temporal:7233", "temporal", "a b:1", ":7233"])
def test_an_address_that_cannot_be_is_refused(bare: Path, monkeypatch: Env, address: str) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)

    assert problem() == "TEMPORAL_ADDRESS: is not host:port"


async def test_a_server_that_does_not_answer_is_named(bare: Path, monkeypatch: Env) -> None:
    address = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)

    with pytest.raises(TemporalUnavailable, match=f"{address}: Connection refused"):
        await connect()


async def test_a_lazy_client_does_not_ask_for_the_server(bare: Path, monkeypatch: Env) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_port()}")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "dunning")

    assert (await connect(lazy=True)).namespace == "dunning"
