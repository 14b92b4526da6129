"""TCP ports: whether one is free, who holds it, and how to say so."""

import socket

import psutil

from devstack.errors import StackError


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def require_free(port: int, *, label: str, variable: str) -> None:
    """Refuse to go on when another program listens on ``port``, naming it and the setting that moves ours."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        holder = _holder(port)
        by_whom = f" par {holder}" if holder else ""
        raise StackError(
            f"Le port {port} ({label}) est déjà pris{by_whom}. "
            f"Libérez-le, ou choisissez-en un autre : {variable}={port + 1} make up"
        ) from error


def _holder(port: int) -> str | None:
    """The program that listens on ``port``, where the system lets us see it."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return None
    for connection in connections:
        address = connection.laddr
        if connection.status == psutil.CONN_LISTEN and address and address.port == port and connection.pid:
            return f"« {psutil.Process(connection.pid).name()} » (processus {connection.pid})"
    return None
