"""A jobs process that dies in the middle of a step: ``python -m notebook.doomed_worker <database> <files> <row>``."""

import asyncio
import os
import signal
import sys

from common.clock import Clock
from common.db import Database
from common.files import Files
from common.jobs import JobKind, JobRun
from common.transaction import Tx
from common.worker import Worker

from .app import Settings, copy_notes

DATABASE, FILES, FATAL_ROW = sys.argv[1], sys.argv[2], int(sys.argv[3])


async def die_at_row(tx: Tx, run: JobRun) -> bool:
    """Do the step's work, then die before its commit."""
    finished = await copy_notes(tx, run)
    await tx.session.flush()
    if run.done == FATAL_ROW:
        os.kill(os.getpid(), signal.SIGKILL)
    return finished


async def main() -> None:
    settings = Settings(
        database_url=DATABASE,
        files_url=FILES,
        COORACE_ENVIRONMENT="development",
        KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1",
        OIDC_ISSUER="http://127.0.0.1:1",
        OIDC_JWKS_URL="http://127.0.0.1:1",
    )
    clock = Clock()
    worker = Worker(
        Database(settings, clock, "notebook jobs"), clock, Files(FILES), [JobKind("notes.copy", die_at_row)]
    )
    await worker.run(asyncio.Event())


asyncio.run(main())
