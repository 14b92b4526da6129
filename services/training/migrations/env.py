"""Alembic's entry, run by ``python -m dues migrate``."""

from common.migrations import run_env

run_env()
