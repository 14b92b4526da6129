"""How sure a computed value is."""

from common.sourced import Datum, DatumStatus


def least_sure(*data: Datum[object]) -> DatumStatus:
    """Return the status of what is computed from these: assumed as soon as one of them is."""
    assumed = any(datum.status is DatumStatus.ASSUMED for datum in data)
    return DatumStatus.ASSUMED if assumed else DatumStatus.PUBLISHED
