"""A list for each community, in place of a column; imports of lists"""

import re
import unicodedata
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

PREFIXES = {"community": "NExTcommunity ", "workshop": "NExTwerkstatt "}
WORDS = "Wer hier mitmacht, bekommt die Mails der Community und kann sie jederzeit abbestellen."


def upgrade() -> None:
    op.create_table(
        "list_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_until", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["mailing_list.id"], name=op.f("fk_list_import_list_id_mailing_list"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_list_import")),
    )
    with op.batch_alter_table("list_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_list_import_list_id"), ["list_id"], unique=False)
    _give_lists()
    op.execute("ALTER TABLE belonging DROP COLUMN gets_mail")


def _give_lists() -> None:
    """Each community gets its list, and whoever wanted its mails is on it."""
    connection = op.get_bind()
    at = datetime.now(UTC)
    taken = {row[0] for row in connection.execute(sa.text("SELECT slug FROM mailing_list"))}
    names = {row[0].lower() for row in connection.execute(sa.text("SELECT name FROM mailing_list"))}
    has_one = {row[0] for row in connection.execute(sa.text("SELECT subject FROM mailing_list"))}
    circles = connection.execute(
        sa.text("SELECT id, slug, name, kind, summary, ended_on FROM community ORDER BY position, id")
    ).all()
    for circle in circles:
        if f"community:{circle.id}" in has_one:
            continue
        name = PREFIXES.get(circle.kind, "") + circle.name
        slug, shown = _free(_slug(circle.slug), taken), _free(name, names)
        connection.execute(
            LISTS.insert().values(
                slug=slug,
                name=shown,
                purpose=circle.summary,
                kind="announcements",
                subject=f"community:{circle.id}",
                rule="",
                sender_name=shown,
                joining="everybody",
                posting="nobody",
                moderation="newcomers",
                archive="subscribers",
                replies="author",
                needs_second_pair=False,
                position=100 + circle.id,
                made_at=_kept(at),
                closed_at=_kept(at) if circle.ended_on else None,
                version=1,
            )
        )
    _subscribe(connection)


def _kept(at: datetime) -> datetime:
    """As it is stored: in UTC, on SQLite without saying so."""
    return at.replace(tzinfo=None) if op.get_bind().dialect.name == "sqlite" else at


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "verteiler"


def _free(wanted: str, taken: set[str]) -> str:
    found, number = wanted, 1
    while found.lower() in taken:
        number += 1
        found = f"{wanted}-{number}"
    taken.add(found.lower())
    return found


LISTS = sa.table(
    "mailing_list",
    *(
        sa.column(name)
        for name in (
            "slug",
            "name",
            "purpose",
            "kind",
            "subject",
            "rule",
            "sender_name",
            "joining",
            "posting",
            "moderation",
            "archive",
            "replies",
            "needs_second_pair",
            "position",
            "made_at",
            "closed_at",
            "version",
        )
    ),
)

#: Who wanted mails of a community.
WANTING = """
    FROM belonging
    JOIN person ON person.id = belonging.person_id AND person.proved_at IS NOT NULL
    JOIN mailing_list ON mailing_list.subject = 'community:' || CAST(belonging.community_id AS VARCHAR)
"""
ON_LIST = "JOIN mailbox ON mailbox.address_key = person.address_key WHERE belonging.gets_mail"


def _subscribe(connection: sa.Connection) -> None:
    connection.execute(
        sa.text(
            "INSERT INTO mailbox (address, address_key, name, language, made_at, suspended_because)"
            " SELECT DISTINCT person.address, person.address_key, person.name, person.language, person.made_at, ''"
            f" {WANTING} WHERE belonging.gets_mail AND NOT EXISTS"
            " (SELECT 1 FROM mailbox WHERE mailbox.address_key = person.address_key)"
        )
    )
    connection.execute(
        sa.text(
            "INSERT INTO subscription"
            " (list_id, mailbox_id, state, delivery, made_at, began_at, ended_by, digested_until)"
            " SELECT mailing_list.id, mailbox.id, 'active', 'each', belonging.since, belonging.since, '', 0"
            f" {WANTING} {ON_LIST}"
        )
    )
    connection.execute(
        sa.text(
            "INSERT INTO consent (list_id, mailbox_id, address, text, text_version, language, form_url, was_ticked,"
            " requested_at, mail_id, mail_version, confirmed_at, confirmed_by, source, reason, withdrawn_by)"
            " SELECT mailing_list.id, mailbox.id, person.typed_address, :words, '2026-0', 'de', '', false,"
            " belonging.since, '', '', belonging.since, 'joined', 'self', '', ''"
            f" {WANTING} {ON_LIST}"
        ),
        {"words": WORDS},
    )


def downgrade() -> None:
    raise NotImplementedError("There is no way back: proofs of consent would be lost.")
