"""``python -m notebook api | relay | consume | jobs``: the processes of the notebook, as those of any service."""

from common.process import main

from .app import service_with

main(service_with())
