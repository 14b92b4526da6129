"""Settings of dues, prefix ``DUES_``."""

from pathlib import Path
from typing import Annotated, Self

from fastapi import Depends
from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict
from starlette.requests import Request

from common.entity_files import refuse_demonstration
from common.settings import CommonSettings
from dues.legal_entities.domain import LegalEntity
from dues.legal_entities.queries import DEMO_ENTITY, load_entity


class Settings(CommonSettings):
    """What ops set for dues, beside the settings every service has."""

    model_config = SettingsConfigDict(env_prefix="DUES_")

    entity_file: Path = Field(DEMO_ENTITY, description="Fichier TOML de l'entité légale qui appelle les cotisations")
    signing_key_file: Path | None = Field(None, description="Clé qui signe les certificats de clôture (PEM)")
    signing_certificate_file: Path | None = Field(None, description="Certificat de cette clé (PEM)")

    @model_validator(mode="after")
    def _a_real_entity_in_production(self) -> Self:
        refuse_demonstration(load_entity(self.entity_file), self.environment, "DUES_ENTITY_FILE")
        return self

    @model_validator(mode="after")
    def _a_key_with_its_certificate(self) -> Self:
        if (self.signing_key_file is None) != (self.signing_certificate_file is None):
            raise ValueError("DUES_SIGNING_KEY_FILE and DUES_SIGNING_CERTIFICATE_FILE go together")
        return self


async def _entity(request: Request) -> LegalEntity:
    settings: Settings = request.app.state.runtime.settings
    return load_entity(settings.entity_file)


Entity = Annotated[LegalEntity, Depends(_entity)]
"""The legal entity for which a route acts, as its file says now: its series of numbers, its account, its books."""
