"""Settings, as a process reads them from its environment."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from common.smtp import MailServer
from common.testing.harness import ServiceUnderTest, settings_for
from common.testing.issuer import TestIssuer

from .notebook.app import service_with


def test_an_empty_value_is_no_value(standing: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose gives one for a variable that nobody has set."""
    service = standing.service
    names = {"database_url": "postgresql://", "files_url": "file:///", "metrics_port": "", "port": ""}
    for name, value in names.items():
        monkeypatch.setenv(f"{service.settings.model_config['env_prefix']}{name}".upper(), value)
    for name in ("COORACE_ENVIRONMENT", "KAFKA_BOOTSTRAP_SERVERS", "OIDC_ISSUER", "OIDC_JWKS_URL"):
        monkeypatch.setenv(name, "development")
    settings = service.settings()
    assert (settings.metrics_port, settings.port) == (None, 8000)


SECRET_URL = "smtp://carnet:tres%2Fsecret@mail.example:2525"


def test_where_mails_go_is_read_and_its_password_never_shown(issuer: TestIssuer, tmp_path: Path) -> None:
    told = {"SMTP_URL": SECRET_URL, "MAIL_FROM": "Le Carnet <carnet@notes.example>"}
    settings = settings_for(service_with(), "postgresql://x", issuer, tmp_path, **told)
    server = settings.mail_server
    assert server == MailServer("mail.example", 2525, tls=False, username="carnet", password="tres/secret")
    assert str(settings.mail_sender) == "Le Carnet <carnet@notes.example>"
    for shown in (repr(settings), str(settings), repr(server), settings.model_dump_json()):
        assert "secret" not in shown


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 25, tls=False)),
        ("smtps://mail.example", MailServer("mail.example", 465, tls=True)),
        ("smtp://[::1]:1025", MailServer("::1", 1025, tls=False)),
    ],
)
def test_a_server_has_the_port_of_its_kind(url: str, server: MailServer) -> None:
    assert MailServer.parse(url) == server


@pytest.mark.parametrize(
    "wrong",
    [
        {"SMTP_URL": "http://carnet:secret@mail.example"},
        {"SMTP_URL": "smtp://carnet:secret@"},
        {"SMTP_URL": "smtp://carnet:secret@mail.example:port"},
        {"MAIL_FROM": "Le Carnet"},
        {"MAIL_FROM": "Le Carnet <carnet@notes.example>\nBcc: a@b.example"},
        {"MAIL_FROM": "Le\nCarnet <carnet@notes.example>"},
        {"MAIL_FROM": "a@b.example, c@d.example"},
    ],
)
def test_what_names_no_server_or_sender_is_refused_without_being_repeated(
    issuer: TestIssuer, tmp_path: Path, wrong: dict[str, str]
) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))) as refused:
        settings_for(service_with(), "postgresql://x", issuer, tmp_path, **wrong)
    assert "secret" not in str(refused.value)


def test_production_sends_in_the_name_of_the_house(issuer: TestIssuer, tmp_path: Path) -> None:
    production = {"COORACE_ENVIRONMENT": "production", "SMTP_URL": SECRET_URL}
    with pytest.raises(ValidationError, match="MAIL_FROM") as refused:
        settings_for(service_with(), "postgresql://x", issuer, tmp_path, **production)
    assert "secret" not in str(refused.value)
    production["MAIL_FROM"] = "a@notes.fr"
    with pytest.raises(ValidationError, match="PUBLIC_URL"):
        settings_for(service_with(), "postgresql://x", issuer, tmp_path, **production)
    production["PUBLIC_URL"] = "https://notes.fr"
    settings = settings_for(service_with(), "postgresql://x", issuer, tmp_path, **production)
    assert settings.mail_sender.domain == "notes.fr"
