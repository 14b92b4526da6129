"""Settings, ports and the services found in the repository."""

import os
import socket
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from devstack.errors import StackError
from devstack.ports import free_port, require_free
from devstack.services import Service, discover, narrow, service_environment
from devstack.settings import ROOT, Settings
from devstack.signing import load_or_create_pair


def test_a_taken_port_is_named_with_its_holder_and_the_setting_that_moves_ours() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StackError) as refused:
            require_free(port, label="passerelle", variable="GATEWAY_PORT")
    message = str(refused.value)
    assert message.startswith(f"Le port {port} (passerelle) est déjà pris par « ")
    assert f"(processus {os.getpid()})" in message
    assert message.endswith(f"GATEWAY_PORT={port + 1} make up")


def test_a_free_port_is_accepted() -> None:
    require_free(free_port(), label="passerelle", variable="GATEWAY_PORT")


def test_no_free_port_is_given_twice_nor_one_that_an_outgoing_connection_may_take() -> None:
    ports = [free_port() for _ in range(500)]
    assert len(set(ports)) == len(ports)
    assert max(ports) < 32_768


@pytest.mark.parametrize("text", ["0", "65536", "80a", "-1", "８０"])
def test_what_is_not_a_port_is_refused(text: str) -> None:
    with pytest.raises(StackError, match=r"GATEWAY_PORT=.* n'est pas un numéro de port"):
        Settings.from_environment({"GATEWAY_PORT": text})


def test_outside_development_another_identity_provider_is_required() -> None:
    with pytest.raises(StackError, match="OIDC_ISSUER et OIDC_JWKS_URL"):
        Settings.from_environment({"COORACE_ENVIRONMENT": "production"})


def test_the_services_of_the_repository_are_found_each_with_its_own_port() -> None:
    settings = Settings.from_environment({})
    services = discover(settings, {"DUES_PORT": "9999"})
    ports = {service.name: service.port for service in services}
    assert set(ports) == {path.parent.name for path in (ROOT / "services").glob("*/pyproject.toml")}
    assert ports["dues"] == 9999
    assert len(set(ports.values())) == len(ports)


def test_an_unknown_service_is_refused_with_the_list() -> None:
    with pytest.raises(StackError, match=r"« due ».* Services : dues, legal-desk"):
        narrow((Service("dues", Path(), 1), Service("legal-desk", Path(), 2)), "due")


def test_a_service_is_told_its_own_settings_under_its_prefix_and_the_platform_s_without(settings: Settings) -> None:
    desk = Service("legal-desk", Path(), 8103)
    told = service_environment(desk, settings, "127.0.0.1:9092", "postgresql://legal_desk:secret@127.0.0.1/legal_desk")
    assert told == {
        "COORACE_CLOCK_SHIFT_DAYS": "0",
        "COORACE_ENVIRONMENT": "development",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092",
        "LEGAL_DESK_DATABASE_URL": "postgresql://legal_desk:secret@127.0.0.1/legal_desk",
        "LEGAL_DESK_FILES_URL": (settings.local / "files" / "legal-desk").as_uri(),
        "LEGAL_DESK_CONSUMER_SESSION_TIMEOUT_SECONDS": "3",
        "LEGAL_DESK_HOST": "127.0.0.1",
        "LEGAL_DESK_PORT": "8103",
        "LEGAL_DESK_SIGNING_CERTIFICATE_FILE": str(settings.local / "signing" / "legal-desk" / "certificate.pem"),
        "LEGAL_DESK_SIGNING_KEY_FILE": str(settings.local / "signing" / "legal-desk" / "key.pem"),
        "OIDC_AUDIENCE": "coorace",
        "OIDC_ISSUER": f"http://127.0.0.1:{settings.gateway_port}/dev-issuer",
        "OIDC_JWKS_URL": f"http://127.0.0.1:{settings.issuer_port}/jwks.json",
        "PUBLIC_URL": f"http://127.0.0.1:{settings.gateway_port}",
        "SMTP_URL": f"smtp://127.0.0.1:{settings.mail_port}",
        "TRACES_FILE": str(settings.local / "traces" / "legal-desk.jsonl"),
    }


def test_a_service_signs_with_a_key_made_once_that_nobody_else_reads(tmp_path: Path) -> None:
    key, certificate = load_or_create_pair(tmp_path / "dues")
    kept = key.read_bytes(), certificate.read_bytes()
    assert key.stat().st_mode & 0o077 == 0
    assert load_or_create_pair(tmp_path / "dues") == (key, certificate)
    assert (key.read_bytes(), certificate.read_bytes()) == kept
    signer = load_pem_private_key(kept[0], password=None)
    assert load_pem_x509_certificate(kept[1]).public_key() == signer.public_key()


def test_the_lock_pins_and_hashes_everything_and_names_no_registry() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pins = [line for line in lock.splitlines() if line and not line.startswith(" ")]
    assert len(pins) > 50
    assert all("==" in line and line.endswith("\\") for line in pins)
    assert "://" not in lock
