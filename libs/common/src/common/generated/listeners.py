"""Who publishes which fact, and who listens to it and how: read from the contracts and the services' subscriptions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from inspect import getdoc

from common.contracts import BY_NAME
from common.contracts.platform import ReplayRequested
from common.events import Fact
from common.service import Service
from common.subscriptions import Follow, Subscription

_EVERY_SERVICE = "chaque service"


@dataclass(frozen=True, slots=True)
class Listener:
    """One service's reaction to one fact."""

    service: str
    reaction: str


def producer_of(fact: type[Fact]) -> str:
    """Return the service that publishes a fact: the first part of its topic."""
    return _EVERY_SERVICE if fact is ReplayRequested else fact.topic.partition(".")[0]


def published_by(service: str) -> list[type[Fact]]:
    """Return the facts a service may publish, in the order of their names."""
    return [fact for _, fact in sorted(BY_NAME.items()) if producer_of(fact) in (service, _EVERY_SERVICE)]


def listeners(services: Iterable[Service]) -> Mapping[type[Fact], list[Listener]]:
    """Return every fact with the services that listen to it."""
    found: dict[type[Fact], list[Listener]] = {fact: [] for _, fact in sorted(BY_NAME.items())}
    for service in services:
        for subscription in service.subscriptions:
            for fact in _facts_of(subscription):
                found[fact].append(Listener(service.name, _reaction(subscription)))
    found[ReplayRequested].append(Listener(_EVERY_SERVICE, "renvoie les événements de ses propres sujets"))
    return found


def heard_by(service: Service) -> list[type[Fact]]:
    """Return the facts a service listens to, in the order of their names."""
    facts = {fact for subscription in service.subscriptions for fact in _facts_of(subscription)} | {ReplayRequested}
    return sorted(facts, key=lambda fact: fact.wire_name)


def _facts_of(subscription: Subscription) -> frozenset[type[Fact]]:
    return subscription.facts if isinstance(subscription, Follow) else frozenset({subscription.fact})


def _reaction(subscription: Subscription) -> str:
    if isinstance(subscription, Follow):
        return f"tient une copie de l'état dans sa table `{subscription.table.name}`"
    meaning = (getdoc(subscription.handler) or "").partition("\n")[0]
    return f"`{subscription.handler.__module__}.{subscription.handler.__name__}`: {meaning}"
