"""Settings of training, prefix ``TRAINING_``."""

from pydantic_settings import SettingsConfigDict

from common.settings import CommonSettings


class Settings(CommonSettings):
    """What ops set for training, beside the settings every service has."""

    model_config = SettingsConfigDict(env_prefix="TRAINING_")
