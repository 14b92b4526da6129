"""What the local stack is told from outside: ports, broker lane, servers that run elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.errors import StackError

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one local stack. Everything it writes stands under ``local`` (COORACE_LOCAL)."""

    root: Path
    local: Path
    """The folder of all state: data, logs, pid records, keys, passwords."""
    gateway_port: int
    kafka_port: int
    postgres_port: int
    issuer_port: int
    mail_port: int
    first_service_port: int
    broker: str | None
    """The lane that BROKER forces; None lets the machine decide."""
    kafka_bootstrap: str | None
    """A Kafka that runs elsewhere; then no broker is started."""
    database_url: str | None
    """Administrator's address of a PostgreSQL that runs elsewhere; then none is started."""
    smtp_url: str | None = field(repr=False)
    """A mail server that runs elsewhere; then no inbox is started."""
    environment: str
    clock_shift_days: str
    """By how many days the demonstration lives in another time; the services read it."""
    oidc_issuer: str | None
    oidc_jwks_url: str | None

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.local / "logs"

    @property
    def mail_url(self) -> str:
        """The mail server that services hand their mails to."""
        return self.smtp_url or f"smtp://127.0.0.1:{self.mail_port}"

    @property
    def public_url(self) -> str:
        """The gateway's address, the only one that a client needs."""
        return f"http://127.0.0.1:{self.gateway_port}"

    @property
    def starts_issuer(self) -> bool:
        """The development issuer exists in development only, and not beside another issuer."""
        return self.environment == "development" and self.oidc_issuer is None

    @property
    def issuer_url(self) -> str:
        """The ``iss`` that services accept."""
        return self.oidc_issuer or f"{self.public_url}/dev-issuer"

    @property
    def jwks_url(self) -> str:
        """Where services fetch the issuer's keys: from the process itself, so that none waits for the gateway."""
        return self.oidc_jwks_url or f"http://127.0.0.1:{self.issuer_port}/jwks.json"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], root: Path = ROOT) -> "Settings":
        """Read the settings; refuses a port that is not one and an environment that has no issuer."""
        settings = cls(
            root=root,
            local=Path(environ["COORACE_LOCAL"]) if environ.get("COORACE_LOCAL") else root / ".local",
            gateway_port=port_setting(environ, "GATEWAY_PORT", 8080),
            kafka_port=port_setting(environ, "KAFKA_PORT", 9092),
            postgres_port=port_setting(environ, "POSTGRES_PORT", 5440),
            issuer_port=port_setting(environ, "ISSUER_PORT", 8100),
            mail_port=port_setting(environ, "MAIL_PORT", 1025),
            first_service_port=8101,
            broker=environ.get("BROKER") or None,
            kafka_bootstrap=environ.get("KAFKA_BOOTSTRAP_SERVERS") or None,
            database_url=environ.get("DATABASE_URL") or None,
            smtp_url=environ.get("SMTP_URL") or None,
            environment=environ.get("COORACE_ENVIRONMENT") or "development",
            clock_shift_days=environ.get("COORACE_CLOCK_SHIFT_DAYS") or "0",
            oidc_issuer=environ.get("OIDC_ISSUER") or None,
            oidc_jwks_url=environ.get("OIDC_JWKS_URL") or None,
        )
        if not settings.starts_issuer and not (settings.oidc_issuer and settings.oidc_jwks_url):
            raise StackError(
                "Sans l'émetteur de développement, indiquez le fournisseur d'identité : OIDC_ISSUER et OIDC_JWKS_URL."
            )
        return settings


def port_setting(environ: Mapping[str, str], variable: str, default: int) -> int:
    """The port that ``variable`` asks for, else ``default``."""
    text = environ.get(variable) or str(default)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise StackError(f"{variable}={text} n'est pas un numéro de port (1 à 65535).")
    return int(text)
