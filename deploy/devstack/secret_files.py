"""Secrets of the local stack: generated on the machine at first need, never in the code."""

import os
import secrets
from pathlib import Path


def load_or_create(path: Path) -> str:
    """The secret kept in ``path``; made up, and readable by its owner alone, the first time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    secret = secrets.token_urlsafe(24)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret)
    return secret
