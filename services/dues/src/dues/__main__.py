"""``python -m dues api | consume | relay | jobs | migrate | all``."""

from common.process import main
from dues.app import service

if __name__ == "__main__":
    main(service)
