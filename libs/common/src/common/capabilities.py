"""What the capabilities of a service open, found where every capability keeps it."""

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from types import ModuleType
from typing import Any

from fastapi import APIRouter

from common.jobs import JobKind
from common.subscriptions import Subscription


@dataclass(frozen=True, slots=True)
class Doors:
    """The three doors of some capabilities, in their order."""

    routers: tuple[APIRouter, ...]
    subscriptions: tuple[Subscription, ...]
    jobs: tuple[JobKind, ...]


def doors_of(package: str, capabilities: Sequence[str]) -> Doors:
    """Gather what stands in each capability's ``routes`` (every router), ``consumers`` and ``jobs`` (their tuples).

    Raises ModuleNotFoundError for a capability that is not there.
    """
    folders = [importlib.import_module(f"{package}.{name}") for name in capabilities]
    return Doors(
        routers=tuple(chain.from_iterable(_routers(module) for module in _modules(folders, "routes"))),
        subscriptions=_gathered(folders, "consumers", "SUBSCRIPTIONS"),
        jobs=_gathered(folders, "jobs", "JOBS"),
    )


def _gathered(folders: Sequence[ModuleType], door: str, name: str) -> tuple[Any, ...]:
    return tuple(chain.from_iterable(getattr(module, name) for module in _modules(folders, door)))


def _modules(folders: Sequence[ModuleType], door: str) -> Iterator[ModuleType]:
    """Yield the modules of one door: a file, or the files of a folder."""
    for folder in folders:
        if door in {found.name for found in pkgutil.iter_modules(folder.__path__)}:
            module = importlib.import_module(f"{folder.__name__}.{door}")
            yield module
            for part in pkgutil.iter_modules(getattr(module, "__path__", ())):
                yield importlib.import_module(f"{module.__name__}.{part.name}")


def _routers(module: ModuleType) -> Iterator[APIRouter]:
    """Yield the routers of a module, in the order of its lines."""
    return (value for value in vars(module).values() if isinstance(value, APIRouter))
