"""The network's agenda, with what the register already had in it, and the secret addresses of its feeds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0018"
down_revision = "0017"


_ZONE = """
    CASE WHEN {delegation} = 'guadeloupe' THEN 'America/Guadeloupe' WHEN {delegation} = 'guyane' THEN 'America/Cayenne'
    WHEN {delegation} = 'oceanindien' THEN {ocean} ELSE 'Europe/Paris' END
"""
_INTO = """
    INSERT INTO agenda_entry (id, source, kind, title, normalized, starts_at, ends_at, zone, all_day, first_day,
        last_day, audience, delegation, mode, place, status, cancelled_reason, participants, listed, sequence,
        recorded_at, changed_at, cancelled_at)
    SELECT id, source, kind, title, trim(regexp_replace(translate(replace(replace(lower(
            title || ' ' || coalesce(place, '')), 'œ', 'oe'), 'æ', 'ae'),
            'àâäáãéèêëíîïóôöõúùûüçñÿ', 'aaaaaeeeeiiioooouuuucny'), '[^a-z0-9]+', ' ', 'g')),
        (begins AT TIME ZONE zone), (ends AT TIME ZONE zone), zone, all_day, begins::date,
        coalesce(ends - interval '1 microsecond', begins)::date, audience, delegation, mode, place,
        CASE WHEN gone IS NULL THEN 'confirmed' ELSE 'cancelled' END, gone, participants, listed, 0, now(), now(),
        CASE WHEN gone IS NULL THEN NULL ELSE now() END
    FROM ({told}) AS told
"""
_NOBODY = "'{}'::uuid[] AS participants, true AS listed"
_OF_PARIS = "'Europe/Paris' AS zone, true AS all_day, NULL AS delegation, NULL AS mode"


def upgrade() -> None:
    _entries()
    _feeds()
    for statement in what_was_there():
        op.execute(statement)


def what_was_there() -> list[str]:
    """Return what fills the agenda with what was written before it; from then on each act tells it."""
    sources = (_meetings(), _assemblies(), _sittings(), _campaigns(), _renewals(), _slots())
    return [_INTO.replace("{told}", told) for told in sources]


def _meetings() -> str:
    ocean = "(CASE WHEN '974' = ANY(departments) OR NOT '976' = ANY(departments) THEN 'Indian/Reunion'"
    zone = _ZONE.format(delegation="delegation", ocean=f"{ocean} ELSE 'Indian/Mayotte' END)")
    return f"""
        SELECT id, 'meetings' AS source, 'department_meeting' AS kind, subject AS title, {zone} AS zone,
            day + coalesce(starts_at, '00:00') AS begins,
            CASE WHEN starts_at IS NULL THEN day + 1 + time '00:00' ELSE day + ends_at END AS ends,
            starts_at IS NULL AS all_day, 'participants' AS audience, delegation, NULL AS mode, place,
            cancelled_reason AS gone, true AS listed,
            ARRAY(SELECT member_id FROM department_meeting_invitation AS called WHERE called.meeting_id = meeting.id
                ORDER BY member_id) AS participants
        FROM department_meeting AS meeting
    """  # noqa: S608  # no value of anybody's is in it


def _assemblies() -> str:
    return f"""
        SELECT id, 'assemblies' AS source, 'assembly' AS kind, title, held_on + time '00:00' AS begins,
            held_on + 1 + time '00:00' AS ends, 'members' AS audience, place, {_OF_PARIS}, cancelled AS gone,
            {_NOBODY}
        FROM assembly WHERE convened_on IS NOT NULL
    """  # noqa: S608


def _sittings() -> str:
    return f"""
        SELECT id, 'sittings' AS source, 'sitting' AS kind, 'Conseil d''administration' AS title,
            held_on + time '00:00' AS begins, held_on + 1 + time '00:00' AS ends, 'board' AS audience,
            NULL AS place, {_OF_PARIS}, NULL AS gone, {_NOBODY}
        FROM sitting
    """  # noqa: S608


def _campaigns() -> str:
    return f"""
        SELECT ('00000000-0000-8000-8000-' || lpad(year::text, 12, '0'))::uuid AS id, 'declarations' AS source,
            'declaration_deadline' AS kind, 'Dernier jour pour déclarer les chiffres de ' || year AS title,
            closes_on + time '00:00' AS begins, closes_on + 1 + time '00:00' AS ends, 'members' AS audience,
            NULL AS place, {_OF_PARIS}, NULL AS gone, {_NOBODY}
        FROM declaration_campaign
    """  # noqa: S608


def _renewals() -> str:
    return f"""
        SELECT id, 'renewals' AS source, 'renewal_deadline' AS kind,
            'Renouvellement ' || year || ' : les structures en sont informées au plus tard ce jour' AS title,
            notice_until + time '00:00' AS begins, notice_until + 1 + time '00:00' AS ends, 'members' AS audience,
            NULL AS place, {_OF_PARIS}, NULL AS gone, {_NOBODY}
        FROM renewal
    """  # noqa: S608


def _slots() -> str:
    return """
        SELECT slot.id, 'accompaniments' AS source, 'accompaniment_slot' AS kind, edition.title,
            slot.starts_at AT TIME ZONE slot.zone AS begins, slot.ends_at AT TIME ZONE slot.zone AS ends, slot.zone,
            false AS all_day, 'members' AS audience, offer.delegation,
            CASE WHEN slot.place IS NULL THEN 'remote' WHEN slot.link IS NULL THEN 'on_site' ELSE 'mixed' END AS mode,
            slot.place, slot.cancel_reason AS gone,
            ARRAY(SELECT DISTINCT member_id FROM accompaniment_booking AS booking WHERE booking.slot_id = slot.id
                AND (booking.state <> 'cancelled' OR booking.cancelled_side = 'slot') ORDER BY member_id)
            AS participants, slot.cancelled_at IS NULL AND offer.is_open AND slot.taken < slot.capacity AS listed
        FROM accompaniment_slot AS slot JOIN accompaniment AS offer ON offer.id = slot.offer_id
        JOIN accompaniment_edition AS edition ON edition.offer_id = offer.id AND edition.edition = offer.edition
    """


def _entries() -> None:
    op.create_table(
        "agenda_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("normalized", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("all_day", sa.Boolean(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("audience", sa.String(), nullable=False),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("mode", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("cancelled_reason", sa.String(), nullable=True),
        sa.Column("participants", ARRAY(sa.Uuid()), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("heard", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "audience IN ('public', 'members', 'participants', 'board')", name=op.f("ck_agenda_entry_audience")
        ),
        sa.CheckConstraint("status IN ('tentative', 'confirmed', 'cancelled')", name=op.f("ck_agenda_entry_status")),
        sa.CheckConstraint("mode IN ('on_site', 'remote', 'mixed')", name=op.f("ck_agenda_entry_mode")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_agenda_entry_times")),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_agenda_entry_days")),
        sa.CheckConstraint("NOT all_day OR ends_at IS NOT NULL", name=op.f("ck_agenda_entry_whole_days")),
        sa.CheckConstraint("url ~ '^https://'", name=op.f("ck_agenda_entry_url")),
        sa.CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_agenda_entry_cancelled")
        ),
        sa.CheckConstraint("sequence >= 0", name=op.f("ck_agenda_entry_sequence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_entry")),
    )
    op.create_index("ix_agenda_entry_starts", "agenda_entry", ["starts_at", "id"])
    op.create_index("ix_agenda_entry_last_day", "agenda_entry", ["last_day"])
    op.create_index(
        "ix_agenda_entry_public",
        "agenda_entry",
        ["starts_at", "id"],
        postgresql_where=sa.text("audience = 'public'"),
    )
    op.create_index("ix_agenda_entry_participants", "agenda_entry", ["participants"], postgresql_using="gin")


def _feeds() -> None:
    op.create_table(
        "agenda_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("roles", ARRAY(sa.String()), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("delegation", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=True),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_agenda_feed_revoked")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_agenda_feed_token_hash")),
    )
    op.create_index("ix_agenda_feed_subject", "agenda_feed", ["subject", "id"])
