"""Settings every service shares. A service adds its own in ``config.py`` under its prefix (``DUES_``).

What belongs to one service carries its prefix (its database, its port); what belongs to the platform does not
(the broker, the identity provider, the environment).
"""

from email.headerregistry import Address
from typing import Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from common.failpoints import Failpoint
from common.retention import SHORTEST_DAYS, Keeping
from common.smtp import MailServer, sender_of


class CommonSettings(BaseSettings):
    """The settings of the mechanism. Subclasses set ``env_prefix``."""

    # Compose writes an empty value where none is given: it means none. A reader named "" would keep its seat.
    # What is refused is not repeated: several of these addresses hold a password.
    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True, hide_input_in_errors=True)

    database_url: str = Field(description="PostgreSQL de ce service, postgresql://…")
    host: str = "127.0.0.1"
    port: int = 8000
    files_url: str = Field(description="Dossier (file:///…) ou seau S3 (s3://…) des fichiers de ce service")
    metrics_port: int | None = Field(None, description="Port de l'état et des mesures d'un processus sans API")
    loop_lag_limit_seconds: float = Field(5, gt=0, description="Retard de la boucle d'événements toléré")
    drain_seconds: int = Field(
        0, ge=0, le=5, description="Temps laissé au répartiteur pour aller ailleurs, avant que l'API cesse d'écouter"
    )
    relay_age_limit_seconds: float = Field(60, gt=0, description="Âge toléré du plus ancien fait à envoyer")
    consumer_lag_limit_seconds: float = Field(60, gt=0, description="Retard de lecture toléré")
    consumer_session_timeout_seconds: int = Field(
        10, ge=3, le=300, description="Temps après lequel le bus donne à d'autres la part d'un lecteur muet"
    )
    consumer_watchdog_seconds: float = Field(
        120, gt=0, description="Temps sans progrès après lequel un lecteur met fin à son processus"
    )
    relay_max_buckets: int = Field(16, ge=1, le=16, description="Part des seaux d'envoi que ce relais prend")
    database_pool_size: int = Field(10, ge=1)
    database_statement_seconds: int = Field(
        30, ge=1, le=40, description="Durée maximale d'une requête SQL ; une base muette est abandonnée 5 s plus tard"
    )
    inbox_days: int = Field(
        30, ge=SHORTEST_DAYS, description="Jours de garde de la boîte de réception ; au-delà, la marque suffit"
    )
    archive_days: int | None = Field(
        None, ge=SHORTEST_DAYS, description="Jours de garde du registre des faits ; sans valeur, pour toujours"
    )

    environment: Literal["development", "production"] = Field(validation_alias="COORACE_ENVIRONMENT")
    kafka_bootstrap_servers: str = Field(validation_alias="KAFKA_BOOTSTRAP_SERVERS")
    oidc_issuer: str = Field(validation_alias="OIDC_ISSUER")
    oidc_jwks_url: str = Field(validation_alias="OIDC_JWKS_URL")
    oidc_audience: str = Field("coorace", validation_alias="OIDC_AUDIENCE")
    smtp_url: SecretStr | None = Field(
        None,
        validation_alias="SMTP_URL",
        description="Serveur de courriels, smtp://… ou smtps://… ; sans valeur, les courriels attendent",
    )
    mail_from: str = Field(
        "Coorace <ne-pas-repondre@coorace.example>",
        validation_alias="MAIL_FROM",
        description="Expéditeur des courriels, « Nom <adresse> »",
    )
    public_url: str = Field(
        "https://plateforme.example",
        validation_alias="PUBLIC_URL",
        pattern=r"^https?://[^\s/]+$",
        description="Adresse de la plateforme vue du dehors, pour les liens des courriels",
    )
    traces_file: str | None = Field(None, validation_alias="TRACES_FILE")
    clock_shift_days: int = Field(0, validation_alias="COORACE_CLOCK_SHIFT_DAYS")
    failpoint: str | None = Field(None, validation_alias="COORACE_FAILPOINT")

    @model_validator(mode="after")
    def _nothing_artificial_in_production(self) -> Self:
        if self.environment == "production" and (self.clock_shift_days or self.failpoint):
            raise ValueError("COORACE_CLOCK_SHIFT_DAYS and COORACE_FAILPOINT are never for production")
        if self.environment == "production" and self.smtp_url and self.mail_sender.domain.endswith(".example"):
            raise ValueError("MAIL_FROM must be an address of the house: mails are sent for good")
        if self.environment == "production" and self.smtp_url and self.public_url.endswith(".example"):
            raise ValueError("PUBLIC_URL must be the address of the platform: people follow the links of mails")
        return self

    @field_validator("failpoint")
    @classmethod
    def _names_a_point(cls, text: str | None) -> str | None:
        if text:
            Failpoint.parse(text)
        return text

    @field_validator("smtp_url")
    @classmethod
    def _names_a_server(cls, url: SecretStr | None) -> SecretStr | None:
        if url:
            MailServer.parse(url.get_secret_value())
        return url

    @field_validator("mail_from")
    @classmethod
    def _is_an_address(cls, text: str) -> str:
        sender_of(text)
        return text

    @property
    def mail_server(self) -> MailServer | None:
        """Where this process hands mails over; None: they wait."""
        return MailServer.parse(self.smtp_url.get_secret_value()) if self.smtp_url else None

    @property
    def mail_sender(self) -> Address:
        """Whom mails come from."""
        return sender_of(self.mail_from)

    @property
    def keeping(self) -> Keeping:
        """For how long the mechanism's own records are kept."""
        return Keeping(self.inbox_days, self.archive_days)

    @property
    def sqlalchemy_url(self) -> str:
        """The database URL with the driver SQLAlchemy needs."""
        return self.database_url.replace("postgresql://", "postgresql+asyncpg://", 1)
