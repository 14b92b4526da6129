"""The public verifier, as an auditor runs it: a file of its own, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

from common.testing.harness import ServiceUnderTest

from .arrangements import Class


async def exported(service: ServiceUnderTest, held: Class) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A session's ledger and the seals, as they are read."""
    async with service.client("training") as team, service.client() as anybody:
        ledger = (await team.get(f"{held.path}/ledger")).json()
        seals = (await anybody.get("/attendance/seals", params={"sort": "number"})).json()["items"]
    return ledger, seals


async def verifier(anybody: httpx.AsyncClient, folder: Path) -> Path:
    answer = await anybody.get("/attendance/verifier.py")
    assert answer.status_code == 200
    path = folder / "verifier.py"
    path.write_bytes(answer.content)
    return path


def verified(script: Path, ledger: dict[str, Any], seals: list[dict[str, Any]] | None = None) -> tuple[int, str]:
    """Run it; return its code and what it says."""
    files = []
    for name, document in (("registre", ledger), ("sceaux", seals)):
        if document is not None:
            path = script.with_name(f"{name}.json")
            path.write_text(json.dumps(document), encoding="utf-8")
            files.append(str(path))
    command = [sys.executable, "-I", "-S", str(script), *files]  # isolated: nothing of ours can be imported
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.stderr == ""
    return done.returncode, done.stdout
