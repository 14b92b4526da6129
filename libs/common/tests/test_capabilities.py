"""What the capabilities of a service open is found where every capability keeps it."""

from pathlib import Path

import pytest

from common.capabilities import doors_of

_ROUTER = "from fastapi import APIRouter\n{name} = APIRouter(prefix='/{name}')\n"
_JOBS = "from common.jobs import JobKind\nJOBS = (JobKind('{name}', None),)\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write a service of two capabilities: one with a folder of routes, one with a file of them and a job."""
    write(
        tmp_path / "a_shop",
        {
            "__init__.py": "",
            "orders/__init__.py": "",
            "orders/routes/__init__.py": "",
            "orders/routes/b.py": _ROUTER.format(name="lines"),
            "orders/routes/a.py": _ROUTER.format(name="baskets"),
            "shelves/__init__.py": "",
            "shelves/routes.py": _ROUTER.format(name="shelves") + "books = APIRouter(prefix='/books')\n",
            "shelves/jobs.py": _JOBS.format(name="shelves.tidy"),
        },
    )
    monkeypatch.syspath_prepend(tmp_path)
    return "a_shop"


def test_doors_come_in_the_order_of_capabilities_then_of_lines(shop: str) -> None:
    doors = doors_of(shop, ("shelves", "orders"))
    assert [router.prefix for router in doors.routers] == ["/shelves", "/books", "/baskets", "/lines"]
    assert [kind.name for kind in doors.jobs] == ["shelves.tidy"]
    assert doors.subscriptions == ()


def test_a_capability_that_is_not_there_is_no_silence(shop: str) -> None:
    with pytest.raises(ModuleNotFoundError, match="parcels"):
        doors_of(shop, ("shelves", "parcels"))
