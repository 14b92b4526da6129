"""The services of the repository, found by their folders: a folder with a pyproject.toml is a service."""

import importlib
from dataclasses import dataclass
from pathlib import Path

from common.service import Service


@dataclass(frozen=True, slots=True)
class Found:
    """A service and where it lives."""

    service: Service
    folder: Path

    @property
    def package(self) -> str:
        """Its import package: the folder's name with ``_`` for ``-``."""
        return _package_of(self.folder.name)

    @property
    def source(self) -> Path:
        """The folder of its import package."""
        return self.folder / "src" / self.package


def _package_of(name: str) -> str:
    """Return the import package of a service.

    >>> _package_of("legal-desk")
    'legal_desk'
    """
    return name.replace("-", "_")


def find_services(root: Path) -> list[Found]:
    """Load every service below ``root``, in the order of names. Their packages must be installed."""
    folders = sorted(path.parent for path in (root / "services").glob("*/pyproject.toml"))
    return [Found(importlib.import_module(f"{_package_of(folder.name)}.app").service, folder) for folder in folders]
