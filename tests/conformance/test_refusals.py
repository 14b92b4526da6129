"""Every refusal has one stable code, and every route declares the refusals its code can raise.

Read from the source: from a route's function, through the functions it calls by name in its own service, to each
``raise Refusal(…)``. What this cannot see, and so does not promise: refusals raised by methods of objects
(``files.get``, ``order.parse``, a ledger's ``redrive``), by functions held in variables or tables, by the mechanism in
``common`` outside the functions called by name, and refusals picked at run time (``refusals[code](…)``).
"""

import ast
import importlib
import inspect
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
from fastapi.routing import RouteContext

from common import errors
from common.auth import Unauthenticated
from common.discovery import Found, find_services
from common.errors import Refusal
from common.openapi import described_routes

ROOT = Path(__file__).parents[2]
FOUND = find_services(ROOT)
ROUTES = [
    pytest.param(found, route, id=f"{'/'.join(sorted(route.methods or ()))} {route.path}")
    for found in FOUND
    for route in described_routes(found.service.described)
]
every_service = pytest.mark.parametrize("found", [pytest.param(found, id=found.service.name) for found in FOUND])
# What the code could raise and the state before it excludes, by operation.
_ISSUED_ONCE = {"BaseMissing", "InvoiceNumberInvalid", "MainActivityUnclear", "NoActivity", "SmicNotPublished"}
"""What refuses to issue a call: of one that was issued, what it says follows from the same things again."""
# Its seats are counted where they were not, then held: those and the offers that are ended are read as they are.
_SEATS_HELD = {"NotLive", "OfferClosed", "OfferPending", "PoolNotFound"}
EXCLUDED = {
    "getInvoice": _ISSUED_ONCE,
    "downloadInvoice": _ISSUED_ONCE,
    "getInvoicePayments": _ISSUED_ONCE,
    "issueCredit": _ISSUED_ONCE,
    "assessDues": {"NoActivity", "MainActivityUnclear"},  # the route gives one activity, the main one
    "openCampaign": {"CampaignNotFound"},  # it was created two lines above
    "draftCredit": {"CreditNotFound"},  # likewise
    # It was created two lines above, of those alone whose account is confirmed.
    "prepareBatch": {"BatchNotFound", "PayeeMissing", "PayeeUnconfirmed"},
    # Likewise, and it takes what is left.
    "voidInvoice": {"CreditNotFound", "CreditPartTooLarge", *_ISSUED_ONCE},
    "draftFundCall": {"FundCallNotFound"},  # likewise
    "draftFundApplication": {"FundApplicationNotFound"},  # likewise
    "submitFundApplication": {"FundCallNotFound"},  # an application is of a call
    "openYear": {"EntryNotFound"},  # it was written the line above
    "beginGridDraft": {"DraftNotFound"},  # likewise
    "simulateGridDraft": {"SimulationNotFound"},  # likewise
    "explainSimulationLine": {"SmicNotPublished"},  # a simulation holds the one of its year
    "receiveApplication": {"ApplicationNotFound"},  # it was added the line above
    "receiveApplicationAgain": {"ApplicationNotFound", "MeasureClosed"},  # likewise; only an open one is given up
    "registerTrainer": {"TrainerNotFound"},  # likewise
    "addCompetence": {"CompetenceNotFound"},  # likewise
    "withdrawCompetence": {"TrainerNotFound"},  # a competence is a trainer's
    "declareUnavailability": {"UnavailabilityNotFound"},  # it was added the line above
    "createRoom": {"RoomNotFound"},  # likewise
    "createSession": {"SessionNotFound", "VersionNotFound"},  # likewise; the catalogue has its version
    "duplicateSession": {"VersionNotFound"},  # the catalogue has its version
    # Two versions of one programme, that the session had and has.
    "adoptProgrammeVersion": {"DraftMissing", "ProgrammeNotFound", "VersionNotFound"},
    "registerTrainee": {"TraineeNotFound"},  # it was added the line above
    "askSeats": {"PoolNotFound"},  # a pool is opened where there is none
    "openSessionSeats": {"PoolNotFound"},  # it is opened the line above
    "cancelSession": _SEATS_HELD,
    "mergeSession": _SEATS_HELD,
    "createEnvelope": {"EnvelopeNotFound"},  # likewise
    "reserveOnEnvelope": {"ReservationNotFound"},
    "signConvention": {"AffiliationNotFound"},
    "draftSolidarityCall": {"SolidarityCallNotFound"},
    "draftSolidarityApplication": {"SolidarityApplicationNotFound"},
    "prepareMandate": {"MandateNotFound"},
    "agreePlan": {"PlanNotFound"},  # it was added the line above
    "askRelief": {"ReliefNotFound"},  # likewise
    # The money, its member and its plan are made there: of today, of the fund, committed the line above.
    "decideRelief": {
        "AllocationTooLarge",
        "BankReferenceTaken",
        "ChequeDetailsWrong",
        "FundCommitmentShort",
        "MemberMerged",
        "MemberUnknown",
        "NothingToPlan",
        "PlanNotFound",
        "ReceiptDayWrong",
        "ReceiptEnded",
        "ReceiptSpent",
        "ReceiptUnattributed",
        "ReceivedInFuture",
    },
    # What is left of a reduction is paid anew as it was granted, of the calls that it leaves owed.
    "revokeRelief": {
        "AllocationTooLarge",
        "BankReferenceTaken",
        "ChequeDetailsWrong",
        "MemberMerged",
        "MemberUnknown",
        "ReceiptDayWrong",
        "ReceiptSpent",
        "ReceiptUnattributed",
        "ReceivedInFuture",
    },
    "reopenBankLine": {"ReceiptFromFund"},  # no line of the bank brings what the fund pays
    "openMeasure": {"MeasureNotFound"},
    "closeSitting": {"LastActivity"},  # where a structure stands is not what it does
    "correctMemberStatus": {"LastActivity", "NotInRegisterThen"},  # nor when it began to be known
    "recordDeparture": {"LastActivity"},
    "withdrawDeparture": {"LastActivity", "EntryNeeded"},  # nor is it the first thing entered
    "enterBoardMandate": {"MandateNotFound"},  # it was entered two lines above
    "openAssessmentInvitation": {"SheetExists"},  # begun only where there is none, the assessment being held
    "openRenewal": {"RenewalNotFound"},  # it was created two lines above
    # A structure up for renewal is in the register, and its activities are not touched.
    "makeRenewalExceptions": {"LastActivity", "NotInRegisterThen", "StatusContradicted"},
    "refuseRenewal": {"LastActivity", "NotInRegisterThen"},
    "withdrawRefusal": {"LastActivity", "EntryNeeded"},
    "publishEdition": {"EditionNotFound"},  # it was created two lines above
    "publishYearlyFigures": {"YearlyEditionNotFound", "DelegationNotFound"},  # likewise, and it is the network's
    "openBilling": {"BillingNotFound", "ShareInvoiced"},  # it was opened two lines above
    "refuseShare": {"SharesTooLarge"},  # what others pay goes down
    "issueTrainingInvoice": {"InvoiceNotFound"},  # it was issued two lines above
    "creditTrainingInvoice": {"NoteNotFound"},  # likewise
    "restructure": {"RestructuringNotFound"},  # it was created two lines above
    "undoRestructuring": {"EntryNeeded"},
    # What is entered there says nothing of where the structure stands.
    "amendMember": {"StatusContradicted"},
    "enterMemberEntry": {"StatusContradicted"},
    "withdrawMemberEntry": {"StatusContradicted"},
}
OF_ISSUERS = ("common.accounting", "common.invoicing")
"""What only a service that keeps books, or issues invoices, uses of the mechanism."""
KINDS = {errors.NotFound, errors.Conflict, errors.Forbidden, errors.Invalid, errors.Unavailable, Unauthenticated}


@every_service
def test_every_refusal_has_a_code_of_its_own(found: Found) -> None:
    by_code: dict[str, list[str]] = {}
    for refusal in _refusals(found):
        assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", refusal.code), refusal
        assert "code" in vars(refusal), f"{refusal.__name__} bears the code of its kind"
        by_code.setdefault(refusal.code, []).append(f"{refusal.__module__}.{refusal.__name__}")
    assert {code: names for code, names in by_code.items() if len(names) > 1} == {}


@every_service
def test_every_refusal_is_one_of_the_kinds_and_says_its_meaning(found: Found) -> None:
    for refusal in _refusals(found):
        assert refusal.status in (400, 401, 403, 404, 409, 410, 412, 413, 422, 428, 503), refusal
        assert refusal.__doc__ != Refusal.__doc__, f"{refusal.__name__} has no meaning of its own"
        assert refusal.title, refusal


@every_service
def test_a_refusal_stands_with_the_rules_of_its_capability(found: Found) -> None:
    elsewhere = [
        f"{refusal.__module__}.{refusal.__name__}"
        for refusal in _refusals(found)
        if refusal.__module__.startswith(f"{found.package}.") and refusal.__module__.split(".")[2] != "domain"
    ]
    assert elsewhere == []


@pytest.mark.parametrize(("found", "route"), ROUTES)
def test_a_route_declares_the_refusals_it_can_answer(found: Found, route: RouteContext) -> None:
    declared = {code for response in route.responses.values() for code in re.findall("`([a-z_]+)`", _text(response))}
    raised = {refusal.code: refusal.__name__ for refusal in _reachable(route.endpoint)}
    excluded = EXCLUDED.get(str(route.operation_id), set())
    assert {name for code, name in raised.items() if code not in declared} == excluded


def test_the_reading_of_the_source_sees_through_calls() -> None:
    """The check above can fail: it finds, from the route, what is raised several calls further."""
    for found in FOUND:
        for route in described_routes(found.service.described):
            if route.endpoint.__name__ == "close_sitting":
                names = {refusal.__name__ for refusal in _reachable(route.endpoint)}
                assert names >= {"SittingNotFound", "PreconditionMissing", "ApplicationDecided", "AlreadyMember"}
                return
    pytest.fail("the example is gone: choose another deep one")


def _text(response: dict[str, Any]) -> str:
    return str(response.get("description", ""))


def _refusals(found: Found) -> list[type[Refusal]]:
    """Return the service's own refusals and those of the mechanism that it may raise, once each."""
    foreign = tuple(package for package in OF_ISSUERS if not _uses(found, package))
    for path in found.source.rglob("*.py"):
        if path.stem != "__main__":
            importlib.import_module(".".join(path.relative_to(found.source.parent).with_suffix("").parts))
    return sorted(
        (
            refusal
            for refusal in _subclasses(Refusal)
            if refusal not in KINDS and refusal.__module__.split(".")[0] in (found.package, "common")
            if not refusal.__module__.startswith(foreign)
        ),
        key=lambda refusal: refusal.__name__,
    )


def _uses(found: Found, package: str) -> bool:
    return any(f"from {package}" in path.read_text(encoding="utf-8") for path in found.source.rglob("*.py"))


def _subclasses(kind: type[Refusal]) -> set[type[Refusal]]:
    direct = set(kind.__subclasses__())
    return direct.union(*map(_subclasses, direct)) if direct else direct


def _reachable(function: Any, seen: frozenset[Any] = frozenset()) -> set[type[Refusal]]:
    """Return the refusals a function raises, itself or through what it calls."""
    if not isinstance(function, FunctionType) or function in seen:
        return set()
    raised, called = _read(function)
    found = set(raised)
    for callee, caught in called:
        found |= {kind for kind in _reachable(callee, seen | {function}) if not issubclass(kind, caught)}
    return found


@cache
def _read(function: FunctionType) -> tuple[list[type[Refusal]], list[tuple[Any, tuple[type, ...]]]]:
    """Read one function: what it raises, and what it calls with what it catches around the call."""
    module = inspect.getmodule(function)
    try:
        tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(function)))
    except (OSError, SyntaxError):
        return [], []
    if module is None or module.__name__.split(".")[0] in _FOREIGN:
        return [], []
    reader = _Reader(module)
    reader.visit(tree)
    return reader.raised, reader.called


class _Reader(ast.NodeVisitor):
    """Walks one function's source, keeping what its ``try`` statements catch."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module
        self._caught: tuple[type, ...] = ()
        self.raised: list[type[Refusal]] = []
        self.called: list[tuple[Any, tuple[type, ...]]] = []

    def visit_Try(self, node: ast.Try) -> None:  # the name ast.NodeVisitor calls
        outer = self._caught
        self._caught = (*outer, *self._kinds(handler.type for handler in node.handlers))
        for statement in node.body:
            self.visit(statement)
        self._caught = outer
        for part in (*node.handlers, *node.orelse, *node.finalbody):
            self.visit(part)

    def visit_Raise(self, node: ast.Raise) -> None:  # the name ast.NodeVisitor calls
        kind = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        found = self._object(kind) if kind is not None else None
        # An instance may bear another code than its class: then the class tells nothing.
        recoded = isinstance(node.exc, ast.Call) and any(keyword.arg == "code" for keyword in node.exc.keywords)
        if isinstance(found, type) and issubclass(found, Refusal) and not issubclass(found, self._caught):
            self.raised += [] if recoded else [found]
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:  # the name ast.NodeVisitor calls
        found = self._object(node.func)
        if isinstance(found, FunctionType):
            self.called.append((found, self._caught))
        self.generic_visit(node)

    def _kinds(self, nodes: Iterable[ast.expr | None]) -> Iterator[type]:
        for node in nodes:
            for part in node.elts if isinstance(node, ast.Tuple) else [node]:
                found = self._object(part) if part is not None else Exception
                if isinstance(found, type):
                    yield found

    def _object(self, node: ast.expr) -> Any:
        """Return what a dotted name means in the module, None for anything less plain."""
        names = ast.unparse(node).split(".")
        found: Any = getattr(self._module, names[0], getattr(__builtins__, names[0], None))
        for name in names[1:]:
            found = getattr(found, name, None)
        return found


_FOREIGN = {"asyncio", "sqlalchemy", "pydantic", "fastapi", "starlette", "typing", "inspect", "functools"}
