"""What dues listens to for its bases: what structures declare of their activity, and correct."""

from common.contracts.membership import ActivityCorrected, ActivityDeclared
from common.subscriptions import on
from dues.bases.use_cases import hear_declaration

SUBSCRIPTIONS = (on(ActivityDeclared, hear_declaration), on(ActivityCorrected, hear_declaration))
