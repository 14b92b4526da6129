"""Every service stands everywhere it must to be deployed: containers, database, gateway, measures."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from common.discovery import Found, find_services

ROOT = Path(__file__).parents[2]
FOUND = find_services(ROOT)
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
PROCESSES = ("api", "relay", "consume", "jobs")
every_service = pytest.mark.parametrize("found", [pytest.param(found, id=found.service.name) for found in FOUND])


@every_service
def test_each_process_has_its_container_and_the_migrations_run_before(found: Found) -> None:
    name = found.service.name
    for process in (*PROCESSES, "migrate"):
        container = COMPOSE[f"{name}-{process}"]
        assert container["command"] == [found.package, process]
        assert container["build"]["args"] == {"SERVICE": name}
    for process in PROCESSES:
        container = COMPOSE[f"{name}-{process}"]
        assert container["depends_on"][f"{name}-migrate"] == {"condition": "service_completed_successfully"}
        assert container["healthcheck"]


@every_service
def test_it_has_a_database_of_its_own(found: Found) -> None:
    upper = found.package.upper()
    url = COMPOSE[f"{found.service.name}-api"]["environment"][f"{upper}_DATABASE_URL"]
    [(role, password, database)] = re.findall(r"//([\w-]+):\$\{(\w+)[^}]*\}@postgres/([\w-]+)$", url)
    assert role == database
    made = (ROOT / "deploy" / "postgres" / "create-databases.sh").read_text(encoding="utf-8")
    assert f'\ncreate {database} "${password}"\n' in made
    assert password in COMPOSE["postgres"]["environment"]
    assert f"\n{password}=\n" in (ROOT / "deploy" / "compose.env.example").read_text(encoding="utf-8")


@every_service
def test_the_gateway_leads_to_its_api(found: Found) -> None:
    name, gateway = found.service.name, COMPOSE["gateway"]
    [upstream] = re.findall(
        rf"^\timport service {name} {{\$(\w+):",
        (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    assert gateway["environment"][upstream] == f"{name}-api:8000"
    assert gateway["depends_on"][f"{name}-api"] == {"condition": "service_healthy"}


@every_service
def test_each_of_its_processes_is_measured(found: Found) -> None:
    name = found.service.name
    scraped = yaml.safe_load((ROOT / "deploy" / "telemetry" / "prometheus.yaml").read_text(encoding="utf-8"))
    targets = {
        (one["labels"]["process"], target, job.get("metrics_path"))
        for job in scraped["scrape_configs"]
        for one in job["static_configs"]
        if one["labels"]["service"] == name
        for target in one["targets"]
    }
    assert targets == {
        ("api", f"{name}-api:8000", f"/{name}/metrics"),
        *((process, f"{name}-{process}:9000", None) for process in PROCESSES[1:]),
    }
