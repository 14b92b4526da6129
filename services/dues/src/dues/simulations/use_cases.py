"""Looking at what a draft would do before the vote: ask for it, compute it member by member, sum it up."""

from collections.abc import Sequence
from uuid import UUID

from common.files import Files
from common.jobs import enqueue
from common.transaction import Tx
from dues.campaigns.queries import debtors_of
from dues.drafts.domain import compare
from dues.drafts.use_cases import take_to_simulate
from dues.grids.queries import reference_grid, smic_table
from dues.members.domain import KnownMember
from dues.simulations import repository
from dues.simulations.documents import print_report, report
from dues.simulations.domain import Compared, compare_members, scenario_of, summarise
from dues.simulations.schemas import SimulationIn
from dues.simulations.tables import SimulationRow

SIMULATE = "simulations.run"


async def ask(tx: Tx, draft_id: UUID, given: SimulationIn) -> SimulationRow:
    """Ask for a draft to be simulated over every member, with the draft as it is now.

    Raises DraftNotFound, GridUnusable, SmicNotPublished, SmicPublished.
    """
    draft = await take_to_simulate(tx, draft_id)
    scenario = scenario_of(
        reference_grid(given.year),
        draft.grid,
        given.year,
        smic_table(),
        given.smic_hourly,
        use_published_medians=given.use_published_medians,
        today=tx.today,
    )
    row = await repository.add(tx, draft, scenario)
    row.job_id = await enqueue(tx, SIMULATE, subject_id=row.id)
    return row


async def simulate_slice(tx: Tx, row: SimulationRow, members: Sequence[KnownMember]) -> list[Compared]:
    """Compute and keep what some members owe under both grids."""
    scenario = repository.scenario_of(row)
    debtors = await debtors_of(
        tx, members, scenario.draft.base_year, use_published_medians=scenario.use_published_medians
    )
    compared = compare_members(scenario, debtors)
    await repository.add_lines(tx, row.id, compared)
    return compared


async def finish(tx: Tx, row: SimulationRow, files: Files) -> None:
    """Sum a simulation up, and print the pages for the assembly, once."""
    scenario = repository.scenario_of(row)
    summary = summarise(scenario, await repository.simulated(tx, row.id))
    changes = compare(scenario.reference, scenario.draft)
    pdf = await print_report(report(row.draft_label, row.draft_version, scenario, summary, changes), scenario.asked_on)
    stored = await files.put(repository.pdf_path(row.id), pdf)
    await repository.note_done(tx, row, summary, stored.sha256)


async def stop(tx: Tx, row: SimulationRow) -> None:
    """Say of a simulation that it will not come to its end."""
    row.status = "stopped"
    await tx.session.flush()
