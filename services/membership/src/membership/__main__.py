"""``python -m membership api | consume | relay | jobs | migrate | all``."""

from common.process import main
from membership.app import service

if __name__ == "__main__":
    main(service)
