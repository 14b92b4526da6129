"""``python -m training api | consume | relay | jobs | migrate | all``."""

from common.process import main
from training.app import service

if __name__ == "__main__":
    main(service)
