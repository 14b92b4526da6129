"""API shapes of paying on: accounts, statements, balances, batches of transfers."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from common.blockers import BlockerOut
from common.pagination import PageParams
from common.tabular import ExportFormat
from common.types import Day, Money, Schema, Text
from dues.mandates.schemas import Bic, Iban
from dues.transfers.domain import AccountState, BatchStatus, MovementKind, TransferPurpose, TransferStatus

Month = Annotated[
    str, Field(pattern=r"^20\d\d-(0[1-9]|1[0-2])$", description="Le mois", examples=["2026-03"], max_length=7)
]
_Code = Annotated[str, Field(examples=["delegation-occitanie"])]
_Author = Field(description="Identifiant de l'auteur, jamais un nom")


_LETTER = "[A-Za-z0-9]"
_Written = Annotated[Text, Field(pattern=_LETTER, json_schema_extra={"pattern": _LETTER})]
"""A text of which something is left in the alphabet that every bank carries."""


class PayeeAddressIn(Schema):
    """L'adresse du titulaire, en champs : les banques refusent une adresse en lignes depuis le 15 novembre 2026."""

    street: Annotated[_Written, Field(max_length=70)]
    postcode: Annotated[_Written, Field(max_length=16)]
    city: Annotated[_Written, Field(max_length=35)]
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] = "FR"


class PayeeIn(Schema):
    """Le compte sur lequel payer un bénéficiaire."""

    holder: Annotated[_Written, Field(max_length=70, description="Titulaire du compte")]
    address: PayeeAddressIn
    iban: Iban
    bic: Bic | None = None
    reason: Text = Field(
        description="D'où vient ce compte, et comment il fut vérifié",
        examples=["RIB reçu par courrier, rappelé au numéro connu"],
    )


class TransferReasonIn(Schema):
    """Pourquoi."""

    reason: Text


class PayeeAccountOut(Schema):
    """Un compte tel que saisi : entier pour les finances et la délégation, masqué pour le conseil."""

    number: int
    holder: str
    street: str
    postcode: str
    city: str
    country: str
    iban: str = Field(examples=["FR76 **** **** 097"])
    bic: str | None
    reason: str
    entered_at: AwareDatetime
    entered_by: str = _Author
    state: AccountState
    state_label: str
    settled_at: AwareDatetime | None
    settled_by: str | None = _Author
    settled_reason: str | None


class PayeeOut(Schema):
    """Un bénéficiaire, et le compte sur lequel il est payé."""

    code: _Code
    delegation: str | None
    confirmed: PayeeAccountOut | None = Field(description="Celui qui compte, si aucun autre n'attend")
    waiting: PayeeAccountOut | None = Field(description="Celui qui attend une seconde personne : rien n'est payé")
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class PayeeDetail(PayeeOut):
    """Un bénéficiaire, et chaque compte qui fut le sien."""

    accounts: list[PayeeAccountOut]


class PayeeFilters(Schema):
    """Which payees: the same filters on list and export."""

    delegation: list[str] = Field(default_factory=list, max_length=20, description="Délégations, par leur code")
    waiting: bool | None = Field(None, description="Un compte attend une seconde personne")


class PayeeListParams(PageParams, PayeeFilters):
    """Filters, order and page of the list of payees."""


class PayeeExportParams(PayeeFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


class TransferBalanceParams(Schema):
    """The day of the balances."""

    as_of: Day | None = Field(None, description="À la fin de ce jour ; aujourd'hui par défaut")


class TransferBalanceOut(Schema):
    """Ce qui reste à reverser à une délégation."""

    code: _Code
    delegation: str | None
    due: Money = Field(description="Ses parts de l'argent venu, reprises déduites")
    transferred: Money = Field(description="Ce qui lui fut reversé, rejets déduits")
    balance: Money


class TransferBalancesOut(Schema):
    """Ce qui reste à reverser à chacune ; le solde d'un jour passé ne change plus."""

    as_of: date
    balances: list[TransferBalanceOut]
    total: Money = Field(description="De ce que vous pouvez lire")


class MonthParams(Schema):
    """The month of a statement."""

    month: Month


class MonthExportParams(MonthParams):
    """The month and the format of an export."""

    format: ExportFormat = "csv"


class TransferStatementOut(Schema):
    """Le relevé d'un mois : ouverture, plus les quatre mouvements, égale clôture."""

    code: _Code
    delegation: str | None
    month: Month
    first_day: date
    last_day: date
    final: bool = Field(description="Le mois est passé : ce relevé ne changera plus")
    opening: Money
    received: Money
    taken_back: Money = Field(description="Négatif")
    transferred: Money = Field(description="Négatif")
    rejected: Money = Field(description="Reversements que la banque a rejetés, dus de nouveau")
    closing: Money
    movements: int


class TransferStatementsOut(Schema):
    """Les relevés d'un mois, délégation par délégation."""

    month: Month
    final: bool
    statements: list[TransferStatementOut]
    opening: Money = Field(description="De ce que vous pouvez lire, comme les sommes qui suivent")
    received: Money
    taken_back: Money
    transferred: Money
    rejected: Money
    closing: Money


class StatementLineListParams(PageParams, MonthParams):
    """The month, the order and the page of the lines of a statement."""


class StatementLineOut(Schema):
    """Un mouvement du relevé."""

    id: UUID
    day: date
    kind: MovementKind
    kind_label: str
    amount: Money
    piece: str = Field(description="Le règlement, ou le virement", examples=["REC-2026-00042", "VIR-2026-00004-01"])
    invoice_id: UUID | None
    invoice_number: str | None
    year: int | None
    member_name: str | None


class TransferPreviewParams(Schema):
    """Up to which day a batch would pay."""

    up_to: Day | None = Field(
        None, description="Ce qui revenait à chacune à la fin de ce jour ; aujourd'hui par défaut"
    )


class TransferProposalOut(Schema):
    """Ce qu'un lot paierait à un bénéficiaire, ou ce qui l'empêche."""

    code: _Code
    delegation: str | None
    purpose: TransferPurpose
    purpose_label: str
    due: Money = Field(description="Ce qui lui revenait ce jour-là, et pas plus qu'aujourd'hui")
    transferred: Money
    committed: Money = Field(description="Dans un lot ni exécuté ni annulé")
    amount: Money = Field(description="Ce qui reste ; négatif, ce qui fut reversé de trop")
    statement: str = Field(description="Le relevé du mois, où le lire ligne à ligne")
    holder: str | None
    iban: str | None
    blockers: list[BlockerOut] = Field(description="Vide : la ligne sera du lot")


class TransferPreviewOut(Schema):
    """Ce qu'un lot préparé maintenant contiendrait."""

    up_to: date
    lines: list[TransferProposalOut]
    count: int
    total: Money = Field(description="Des lignes que rien n'empêche")


class BatchIn(Schema):
    """Un lot à préparer."""

    up_to: Day = Field(description="Ce qui revenait à chacune à la fin de ce jour")
    pay_on: Day = Field(description="Le jour où la banque est priée de payer")


class ExecutionIn(Schema):
    """Ce que la banque a fait du fichier."""

    executed_on: Day
    bank_reference: Annotated[Text, Field(max_length=70)]


class RejectionIn(Schema):
    """Un virement que la banque n'a pas pu faire."""

    rejected_on: Day
    reason: Text = Field(examples=["AC04 : compte clos"])


class TransferOut(Schema):
    """Une ligne d'un lot : un virement, et ce sur quoi il fut calculé."""

    id: UUID
    reference: str = Field(description="Ce que la banque en porte", examples=["VIR-2026-00004-01"])
    batch_id: UUID
    batch_reference: str
    purpose: TransferPurpose
    purpose_label: str
    payee: _Code
    delegation: str | None
    status: TransferStatus
    status_label: str
    up_to: date
    statement: str = Field(description="Le relevé du mois, où le lire ligne à ligne")
    due: Money
    transferred: Money
    committed: Money
    amount: Money
    holder: str
    iban: str
    pay_on: date
    executed_on: date | None
    bank_reference: str | None
    rejected_on: date | None
    reject_reason: str | None
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class TransferFilters(Schema):
    """Which transfers: the same filters on list and export."""

    status: list[TransferStatus] = Field(default_factory=list, max_length=20, description="États")
    payee: list[str] = Field(default_factory=list, max_length=20, description="Bénéficiaires, par leur code")
    batch_id: list[UUID] = Field(default_factory=list, max_length=200, description="Ordres de virement")
    executed_from: Day | None = Field(None, description="À partir de ce jour")
    executed_to: Day | None = Field(None, description="Jusqu'à ce jour compris")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans la référence")] = None


class TransferListParams(PageParams, TransferFilters):
    """Filters, order and page of the list of transfers."""


class TransferExportParams(TransferFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"


class BatchOut(Schema):
    """Un lot de virements."""

    id: UUID
    reference: str = Field(examples=["VIR-2026-00004"])
    status: BatchStatus
    status_label: str
    up_to: date
    pay_on: date
    count: int
    total: Money
    prepared_at: AwareDatetime
    prepared_by: str = _Author
    approved_at: AwareDatetime | None
    approved_by: str | None = _Author
    file_sha256: str | None = Field(description="L'empreinte du fichier remis à la banque")
    executed_on: date | None
    executed_by: str | None = _Author
    bank_reference: str | None
    cancelled_at: AwareDatetime | None
    cancelled_by: str | None = _Author
    cancel_reason: str | None
    version: int
    allowed_actions: list[str]
    blockers: dict[str, list[BlockerOut]]


class BatchDetail(BatchOut):
    """Un lot, et ses virements."""

    lines: list[TransferOut]


class BatchFilters(Schema):
    """Which batches: the same filters on list and export."""

    status: list[BatchStatus] = Field(default_factory=list, max_length=20, description="États")
    prepared_from: Day | None = Field(None, description="À partir de ce jour")
    prepared_to: Day | None = Field(None, description="Jusqu'à ce jour compris")
    q: Annotated[str | None, Field(min_length=2, max_length=100, description="Dans la référence")] = None


class BatchListParams(PageParams, BatchFilters):
    """Filters, order and page of the list of batches."""


class BatchExportParams(BatchFilters):
    """Filters and format of an export."""

    format: ExportFormat = "csv"
