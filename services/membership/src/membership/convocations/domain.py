"""Refusals of the convocations; where each stands is told by the assembly."""

from common.errors import Conflict, NotFound


class ConvocationNotFound(NotFound):
    """The structure does not vote at this assembly, or is not within reach."""

    code = "convocation_not_found"


class ConvocationNotNeeded(Conflict):
    """The structures were convened: there is nothing to send."""

    code = "convocation_not_needed"
