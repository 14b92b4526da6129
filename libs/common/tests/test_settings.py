"""Settings, as a process reads them from its environment."""

import pytest

from common.testing.harness import ServiceUnderTest


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
