"""Settings of training, prefix ``TRAINING_``."""

from pathlib import Path
from typing import Annotated, Self

from fastapi import Depends
from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict
from starlette.requests import Request

from common.entity_files import refuse_demonstration
from common.settings import CommonSettings
from training.organisation.domain import Organisation
from training.organisation.queries import DEMO_ORGANISATION, load_organisation


class Settings(CommonSettings):
    """What ops set for training, beside the settings every service has."""

    model_config = SettingsConfigDict(env_prefix="TRAINING_")

    entity_file: Path = Field(DEMO_ORGANISATION, description="Fichier TOML de l'organisme de formation")

    @model_validator(mode="after")
    def _a_real_organisation_in_production(self) -> Self:
        refuse_demonstration(load_organisation(self.entity_file), self.environment, "TRAINING_ENTITY_FILE")
        return self


async def _organisation(request: Request) -> Organisation:
    settings: Settings = request.app.state.runtime.settings
    return load_organisation(settings.entity_file)


OrganisationDep = Annotated[Organisation, Depends(_organisation)]
"""The training body in whose name a route acts, as its file says now."""
