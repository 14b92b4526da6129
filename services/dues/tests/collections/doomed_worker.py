"""A jobs process that dies at a named point: ``doomed_worker.py <database> <files> <job> <failpoint> <days later>``."""

import asyncio
import sys
from uuid import UUID

from common.failpoints import Failpoint, arm
from common.service import Runtime
from common.worker import Worker
from dues.app import service
from dues.config import Settings

DATABASE, FILES, JOB, POINT, DAYS = sys.argv[1:]


async def main() -> None:
    settings = Settings(
        database_url=DATABASE,
        files_url=FILES,
        COORACE_CLOCK_SHIFT_DAYS=int(DAYS),
        COORACE_ENVIRONMENT="development",
        KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1",
        OIDC_ISSUER="http://127.0.0.1:1",
        OIDC_JWKS_URL="http://127.0.0.1:1",
    )
    runtime = Runtime.start(service, settings, process="jobs")
    arm(Failpoint.parse(POINT))
    await Worker(runtime.database, runtime.clock, runtime.files, service.jobs).run_to_end(UUID(JOB))


asyncio.run(main())
