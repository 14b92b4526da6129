"""The gateway: Caddy, with the repository's one Caddyfile."""

import sysconfig
from pathlib import Path

from devstack.processes import Program
from devstack.services import Service
from devstack.settings import Settings

CADDYFILE = Path("deploy") / "Caddyfile"


def gateway_program(settings: Settings, services: tuple[Service, ...]) -> Program:
    """Caddy's command line: the Caddyfile takes the address of every service from the environment."""
    state = settings.local / "gateway"
    environment = {
        "GATEWAY_BIND": "127.0.0.1",
        "GATEWAY_PORT": str(settings.gateway_port),
        "XDG_CONFIG_HOME": str(state),
        "XDG_DATA_HOME": str(state),
        **{f"{service.prefix}_UPSTREAM": f"127.0.0.1:{service.port}" for service in services},
    }
    if settings.starts_issuer:
        environment |= {
            "DEV_ISSUER": "with_dev_issuer",
            "DEV_ISSUER_UPSTREAM": f"127.0.0.1:{settings.issuer_port}",
        }
    return Program(
        name="gateway",
        command=caddy_command(CADDYFILE),
        log=settings.logs / "gateway.log",
        cwd=settings.root,
        environment=environment,
    )


def caddy_command(caddyfile: Path) -> tuple[str, ...]:
    """Caddy's command line for a Caddyfile."""
    caddy = Path(sysconfig.get_path("scripts")) / "caddy"
    return str(caddy), "run", "--adapter", "caddyfile", "--config", str(caddyfile)
