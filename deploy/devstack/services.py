"""The services of the repository, found by their folders, and the settings each receives."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devstack.errors import StackError
from devstack.settings import Settings, port_setting
from devstack.signing import load_or_create_pair


@dataclass(frozen=True, slots=True)
class Service:
    """One service: its folder and URL are named with ``-``, its package and settings with ``_``."""

    name: str
    folder: Path
    port: int

    @property
    def package(self) -> str:
        """The import package, run as ``python -m <package>``."""
        return self.name.replace("-", "_")

    @property
    def prefix(self) -> str:
        """The prefix of its own settings."""
        return self.package.upper()


def discover(settings: Settings, environ: Mapping[str, str]) -> tuple[Service, ...]:
    """Every service, in the order of names, each with a port of its own that ``<SERVICE>_PORT`` overrides."""
    folders = sorted(path.parent for path in (settings.root / "services").glob("*/pyproject.toml"))
    return tuple(
        Service(
            folder.name,
            folder,
            port_setting(environ, folder.name.replace("-", "_").upper() + "_PORT", settings.first_service_port + rank),
        )
        for rank, folder in enumerate(folders)
    )


def narrow(services: tuple[Service, ...], wanted: str | None) -> tuple[Service, ...]:
    """The services that a command is about: the one named, or all."""
    if not wanted:
        return services
    chosen = tuple(service for service in services if service.name == wanted)
    if not chosen:
        known = ", ".join(service.name for service in services)
        raise StackError(f"Aucun service ne s'appelle « {wanted} ». Services : {known}.")
    return chosen


def common_environment(settings: Settings, bootstrap: str) -> dict[str, str]:
    """What every service, the `coorace` command and the demonstration are told."""
    return {
        "COORACE_CLOCK_SHIFT_DAYS": settings.clock_shift_days,
        "COORACE_ENVIRONMENT": settings.environment,
        "KAFKA_BOOTSTRAP_SERVERS": bootstrap,
        "OIDC_AUDIENCE": "coorace",
        "OIDC_ISSUER": settings.issuer_url,
        "OIDC_JWKS_URL": settings.jwks_url,
        "PUBLIC_URL": settings.public_url,
    }


def service_environment(service: Service, settings: Settings, bootstrap: str, database_url: str) -> dict[str, str]:
    """What one service is told."""
    files, traces = settings.local / "files" / service.name, settings.local / "traces"
    files.mkdir(parents=True, exist_ok=True)
    traces.mkdir(parents=True, exist_ok=True)
    key, certificate = load_or_create_pair(settings.local / "signing" / service.name)
    return {
        **common_environment(settings, bootstrap),
        "SMTP_URL": settings.mail_url,
        "TRACES_FILE": str(traces / f"{service.name}.jsonl"),
        # A reader that was killed finds its seat free sooner than in production.
        f"{service.prefix}_CONSUMER_SESSION_TIMEOUT_SECONDS": "3",
        f"{service.prefix}_DATABASE_URL": database_url,
        f"{service.prefix}_FILES_URL": files.as_uri(),
        f"{service.prefix}_HOST": "127.0.0.1",
        f"{service.prefix}_PORT": str(service.port),
        # For a service that signs; the others know nothing of it.
        f"{service.prefix}_SIGNING_CERTIFICATE_FILE": str(certificate),
        f"{service.prefix}_SIGNING_KEY_FILE": str(key),
    }
