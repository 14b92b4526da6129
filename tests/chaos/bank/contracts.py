"""What the two services of the proof tell each other. Each run has topics of its own, so that runs cannot meet."""

from typing import ClassVar
from uuid import UUID

from common.events import Fact, State


class AccountState(State):
    """An account after a movement."""

    balance: int
    movements: int


class AccountMoved(Fact):
    """An amount was put on an account. ``token`` names the command that did it; padding says nothing."""

    wire_name: ClassVar[str] = "account.moved"
    topic: ClassVar[str] = "accounts.account"

    state: AccountState
    token: UUID
    amount: int
    padding: str = ""


class WiderState(AccountState):
    """The same state in the next version of its contract: a field more, optional for readers."""

    currency: str = "EUR"


class AccountMovedWider(AccountMoved):
    """The same fact in the next version of its contract."""

    state: WiderState


class PageState(State):
    """A page of the books after an entry; it bears the account's id."""

    total: int
    entries: int


class PageWritten(Fact):
    """An amount was entered in the books: the second hop, read back by the accounts."""

    wire_name: ClassVar[str] = "page.written"
    topic: ClassVar[str] = "books.page"

    state: PageState
    token: UUID
    amount: int


class WiderPageState(PageState):
    """The same state in the next version of its contract."""

    currency: str = "EUR"


class PageWrittenWider(PageWritten):
    """The same fact in the next version of its contract."""

    state: WiderPageState


def account_topic(run: str) -> str:
    """Return the topic of a run's accounts. The part before the dot is the name of the service that answers for it."""
    return f"accounts{run}.account"


def page_topic(run: str) -> str:
    """Return the topic of a run's pages."""
    return f"books{run}.page"


def account_moved(run: str, *, wider: bool = False) -> type[AccountMoved]:
    """Return the fact of a run, in the present version of its contract or in the next."""
    base = AccountMovedWider if wider else AccountMoved
    return type(base.__name__, (base,), {"topic": account_topic(run), "__module__": __name__, "__doc__": base.__doc__})


def page_written(run: str, *, wider: bool = False) -> type[PageWritten]:
    """Return the fact of a run, in the present version of its contract or in the next."""
    base = PageWrittenWider if wider else PageWritten
    return type(base.__name__, (base,), {"topic": page_topic(run), "__module__": __name__, "__doc__": base.__doc__})
