"""Alembic's entry, run by ``python -m membership migrate``."""

from common.migrations import run_env

run_env()
