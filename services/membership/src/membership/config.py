"""Settings of membership, prefix ``MEMBERSHIP_``."""

from pydantic_settings import SettingsConfigDict

from common.settings import CommonSettings


class Settings(CommonSettings):
    """What ops set for membership, beside the settings every service has."""

    model_config = SettingsConfigDict(env_prefix="MEMBERSHIP_")
