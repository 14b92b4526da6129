"""TCP ports: whether one is free, who holds it, and how to say so."""

import random
import socket

import psutil

from devstack.errors import StackError

# Below what Linux (32768), macOS and Windows (49152) lend to outgoing connections: a client cannot take
# a port between the moment it is found free and the moment a server listens on it.
_CANDIDATES = range(20_000, 32_768)
_given: set[int] = set()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now and that this process was not given before."""
    while True:
        port = random.choice(_CANDIDATES)  # noqa: S311  # not a secret: spread, so that two processes seldom meet
        if port not in _given and _is_free(port):
            _given.add(port)
            return port


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def require_free(port: int, *, label: str, variable: str) -> None:
    """Refuse to go on when another program listens on ``port``, naming it and the setting that moves ours."""
    if _is_free(port):
        return
    holder = _holder(port)
    by_whom = f" par {holder}" if holder else ""
    raise StackError(
        f"Le port {port} ({label}) est déjà pris{by_whom}. "
        f"Libérez-le, ou choisissez-en un autre : {variable}={port + 1} make up"
    )


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
