"""The documents that are written from the code and committed: each regenerated and compared by ``make check``."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from common.discovery import find_services
from common.generated.asyncapi import asyncapi_document
from common.generated.events import events_document
from common.generated.rights import rights_document
from common.generated.routes import routes_document
from common.service import Service


def documents(root: Path) -> Mapping[Path, str]:
    """Return every generated document of the repository: where it stands, and what it must say."""
    found = find_services(root)
    services = [item.service for item in found]
    written = {
        root / "docs" / "events.md": events_document(services),
        root / "docs" / "rights.md": rights_document(services),
        root / "docs" / "routes.md": routes_document(services),
    }
    for item in found:
        written[item.folder / "openapi.json"] = openapi_document(item.service)
        written[item.folder / "asyncapi.json"] = _json(asyncapi_document(item.service))
    return written


def openapi_document(service: Service) -> str:
    """Return the OpenAPI document of a service as it is committed."""
    return _json(service.described.openapi())


def outdated(root: Path) -> list[Path]:
    """Return the committed documents that the code no longer says, relative to ``root``."""
    return [
        path.relative_to(root)
        for path, content in documents(root).items()
        if not path.exists() or path.read_text(encoding="utf-8") != content
    ]


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
