"""Settings of a process of the proof, prefix ``CHAOS_``, and what its service is told beside them."""

import os
from dataclasses import dataclass
from typing import Self

from pydantic_settings import SettingsConfigDict

from common.settings import CommonSettings


class Settings(CommonSettings):
    """The settings every service has."""

    model_config = SettingsConfigDict(env_prefix="CHAOS_")


@dataclass(frozen=True, slots=True)
class Traits:
    """What tells one process of the proof from another of the same service."""

    run: str
    wider: bool = False
    """Whether it is the next version of the service: contract and schema."""
    refuses: int | None = None
    """An amount that the books fail on, until a version without this fault is deployed."""

    @classmethod
    def from_environment(cls) -> Self:
        """Read them as a process does."""
        refuses = os.environ.get("CHAOS_REFUSES")
        return cls(
            run=os.environ["CHAOS_RUN"],
            wider=os.environ.get("CHAOS_VERSION") == "next",
            refuses=int(refuses) if refuses else None,
        )
