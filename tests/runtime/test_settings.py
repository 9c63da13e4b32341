"""Settings come from variables and files, and what is wrong with them is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runtime.configuration import WrongSettings, adopt_env_file
from runtime.settings import Settings

Env = pytest.MonkeyPatch
SECRET = "geheim-4711"


def problems() -> list[str]:
    with pytest.raises(WrongSettings) as wrong:
        Settings()
    assert SECRET not in str(wrong.value)
    return list(wrong.value.problems)


def config_file(bare: Path, monkeypatch: Env, text: str) -> Path:
    path = bare / "dunning.toml"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setenv("DUNNING_CONFIG_FILE", str(path))
    return path


def test_without_any_configuration_the_defaults_hold(bare: Path) -> None:
    assert Settings().smtp_port == 1025
    assert Settings().log_level == "info"


def test_the_environment_counts_for_more_than_the_env_file_and_that_for_more_than_toml(
    bare: Path, monkeypatch: Env
) -> None:
    config_file(bare, monkeypatch, 'smtp_host = "a"\nsmtp_port = 1\nsmtp_username = "a"\n')
    (bare / ".env").write_text("DUNNING_SMTP_PORT=2\nDUNNING_SMTP_USERNAME=b\n")
    monkeypatch.setenv("DUNNING_SMTP_USERNAME", "c")

    settings = Settings()

    assert (settings.smtp_host, settings.smtp_port, settings.smtp_username) == ("a", 2, "c")


def test_the_env_file_may_name_the_toml_file(bare: Path) -> None:
    (bare / "here.toml").write_text("api_port = 8100\njson_logs = false\n")
    (bare / ".env").write_text("DUNNING_CONFIG_FILE=here.toml\n")

    assert (Settings().api_port, Settings().json_logs) == (8100, False)


def test_options_of_commands_find_the_env_file_in_the_environment(
    bare: Path, monkeypatch: Env
) -> None:
    (bare / ".env").write_text("DUNNING_DATA=here\nDUNNING_API_PORT=many\nDUNNING_HOST=::\n")
    monkeypatch.setenv("DUNNING_HOST", "0.0.0.0")
    for name in ("DUNNING_DATA", "DUNNING_API_PORT"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)

    adopt_env_file()

    assert os.environ["DUNNING_DATA"] == "here"
    assert os.environ["DUNNING_HOST"] == "0.0.0.0"
    (said,) = problems()
    assert said.startswith("DUNNING_API_PORT in .env: ")


def test_an_empty_variable_counts_as_none(bare: Path, monkeypatch: Env) -> None:
    monkeypatch.setenv("DUNNING_SMTP_PORT", "")

    assert Settings().smtp_port == 1025


def test_a_secret_may_lie_in_a_file_that_a_variable_names(bare: Path, monkeypatch: Env) -> None:
    (bare / "password").write_text(f"{SECRET}\n")
    monkeypatch.setenv("DUNNING_SMTP_PASSWORD_FILE", str(bare / "password"))

    password = Settings().smtp_password

    assert password is not None
    assert password.get_secret_value() == SECRET


def test_a_database_url_with_its_password_may_lie_in_a_file(bare: Path, monkeypatch: Env) -> None:
    (bare / "url").write_text(f"postgresql://dunning:{SECRET}@db/dunning")
    monkeypatch.setenv("DUNNING_DATABASE_URL_FILE", str(bare / "url"))

    assert Settings().database_url == f"postgresql+psycopg://dunning:{SECRET}@db/dunning"
    assert SECRET not in repr(Settings())


def test_a_value_that_is_given_twice_is_refused(bare: Path, monkeypatch: Env) -> None:
    monkeypatch.setenv("DUNNING_SMTP_PASSWORD", SECRET)
    monkeypatch.setenv("DUNNING_SMTP_PASSWORD_FILE", str(bare / "password"))

    assert problems() == [
        "DUNNING_SMTP_PASSWORD: given twice, DUNNING_SMTP_PASSWORD_FILE is set too"
    ]


def test_a_file_that_cannot_be_read_or_is_empty_is_named(bare: Path, monkeypatch: Env) -> None:
    (bare / "empty").touch()
    monkeypatch.setenv("DUNNING_SMTP_PASSWORD_FILE", "nowhere")
    monkeypatch.setenv("DUNNING_PARTNER_API_KEY_FILE", "empty")
    monkeypatch.setenv("DUNNING_CONFIG_FILE", "nowhere.toml")

    assert sorted(problems()) == [
        "DUNNING_CONFIG_FILE: nowhere.toml cannot be read: No such file or directory",
        "DUNNING_PARTNER_API_KEY_FILE: empty is empty",
        "DUNNING_SMTP_PASSWORD_FILE: nowhere cannot be read: No such file or directory",
    ]


def test_a_name_that_is_no_setting_is_refused_in_a_file(bare: Path, monkeypatch: Env) -> None:
    path = config_file(bare, monkeypatch, f'smtp_pasword = "{SECRET}"\nports = [1]\n')
    (bare / ".env").write_text("DUNNING_SMTP_HOTS=a\nOTHER=1\n")

    assert problems() == [
        "DUNNING_SMTP_HOTS in .env: there is no such setting",
        f"smtp_pasword in {path}: there is no such setting",
        f"ports in {path}: there is no such setting",
    ]


def test_a_name_that_is_no_setting_in_the_environment_does_no_harm(
    bare: Path, monkeypatch: Env
) -> None:
    monkeypatch.setenv("DUNNING_API_SERVICE_HOST", "10.0.0.1")  # as Kubernetes does

    assert Settings().api_port == 8000


def test_a_file_that_is_not_toml_is_named_with_the_place(bare: Path, monkeypatch: Env) -> None:
    path = config_file(bare, monkeypatch, f'api_port = 1\nsmtp_password = "{SECRET}\n')

    (said,) = problems()

    assert said.startswith(f"{path} is not TOML: ")
    assert "line 2" in said


def test_all_wrong_values_are_told_at_once_each_with_its_place(
    bare: Path, monkeypatch: Env
) -> None:
    path = config_file(bare, monkeypatch, "sweep_seconds = 0\napi_port = [1]\n")
    monkeypatch.setenv("DUNNING_SMTP_PORT", "many")

    assert problems() == [
        f"api_port in {path}: must be a text, a number, or true or false",
        "DUNNING_SMTP_PORT: should be a valid integer, unable to parse string as an integer",
        f"sweep_seconds in {path}: should be greater than or equal to 1",
    ]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("sqlite:///a.db", "sqlite+aiosqlite:///a.db"),
        ("sqlite+aiosqlite:////data/a.db", "sqlite+aiosqlite:////data/a.db"),
        ("postgres://u:p%40@h:1/d", "postgresql+psycopg://u:p%40@h:1/d"),
        ("postgresql://h/d?sslmode=require", "postgresql+psycopg://h/d?sslmode=require"),
        ("postgresql+psycopg://h/d", "postgresql+psycopg://h/d"),
    ],
)
def test_each_way_to_write_a_database_url_leads_to_one(
    bare: Path, monkeypatch: Env, given: str, taken: str
) -> None:
    monkeypatch.setenv("DUNNING_DATABASE_URL", given)

    assert Settings().database_url == taken


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", f"mysql://u:{SECRET}@h/d"),
        ("DATABASE_URL", "dunning.db"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("SMTP_HOST", "smtp://mail"),
        ("SMTP_PORT", "0"),
        ("SMTP_PORT", "65536"),
        ("API_PORT", "-1"),
        ("API_PORT", "tcp://10.0.0.1:80"),
        ("MAIL_FROM", "dunning"),
        ("MAIL_FROM", "Dunning <dunning@example.com>"),
        ("PARTNER_URL", "partner.example.com"),
        ("PARTNER_URL", "ftp://partner.example.com"),
        ("PARTNER", "fax"),
        ("PARTNER_WEBHOOK_SECRET", "whsec_ä"),
        ("PARTNER_WEBHOOK_SECRET", " , "),
        ("CONSOLE_URL", "http://"),
        ("CONSOLE_URL", "http://console:no"),
        ("JSON_LOGS", "perhaps"),
        ("LOG_LEVEL", "loud"),
        ("SMTP_START_TLS", "2"),
    ],
)
def test_a_value_that_cannot_be_is_refused_under_its_name(
    bare: Path, monkeypatch: Env, name: str, value: str
) -> None:
    monkeypatch.setenv(f"DUNNING_{name}", value)

    (said,) = problems()

    assert said.startswith(f"DUNNING_{name}: ")
    assert "\n" not in said


def test_a_listening_port_may_be_any_free_one(bare: Path, monkeypatch: Env) -> None:
    monkeypatch.setenv("DUNNING_API_PORT", "0")

    assert Settings().api_port == 0


def test_a_log_level_may_be_written_in_capitals(bare: Path, monkeypatch: Env) -> None:
    monkeypatch.setenv("DUNNING_LOG_LEVEL", "DEBUG")

    assert Settings().log_level == "debug"


def test_what_is_given_in_code_counts_for_more_than_all(bare: Path, monkeypatch: Env) -> None:
    monkeypatch.setenv("DUNNING_API_PORT", "1")

    assert Settings(api_port=2).api_port == 2


def test_a_partner_without_an_api_needs_a_folder(bare: Path, monkeypatch: Env) -> None:
    monkeypatch.setenv("DUNNING_PARTNER", "CSV")
    assert problems() == ["DUNNING_PARTNER_FOLDER: is needed with DUNNING_PARTNER=csv"]

    monkeypatch.setenv("DUNNING_PARTNER_FOLDER", "agency")

    assert (Settings().partner, Settings().partner_folder) == ("csv", Path("agency"))


def test_while_the_partners_secret_is_changed_there_are_two(bare: Path, monkeypatch: Env) -> None:
    assert Settings().partner_webhook_secrets == ()
    monkeypatch.setenv("DUNNING_PARTNER_WEBHOOK_SECRET", "whsec_bmV3ZXI=, whsec_b2xkZXI=,")

    settings = Settings()

    assert settings.partner_webhook_secrets == ("whsec_bmV3ZXI=", "whsec_b2xkZXI=")
    assert "whsec_b" not in repr(settings)
