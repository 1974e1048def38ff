"""Libraries and rooms"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _documents()
    _rooms()
    _replies()
    _founding()
    _numbers()


def _documents() -> None:
    op.create_table(
        "file_text",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_file_text_file_id_file"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_file_text")),
    )
    op.create_index("ix_file_text_due_at", "file_text", ["due_at"])
    op.add_column("material", sa.Column("search_text", sa.String(), nullable=False, server_default=""))
    op.add_column("result", sa.Column("search_text", sa.String(), nullable=False, server_default=""))
    op.add_column("result", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("community", sa.Column("asked_on", sa.Date(), nullable=True))
    _make_materials_searchable()


def _make_materials_searchable() -> None:
    material = sa.table("material", *map(sa.column, ("id", "title", "text", "search_text")))
    found = op.get_bind().execute(sa.select(material.c.id, material.c.title, material.c.text)).all()
    for number, title, text in found:
        folded = unicodedata.normalize("NFC", f"{title}\n{text}").casefold()
        op.execute(sa.update(material).where(material.c.id == number).values(search_text=folded))
    op.execute(
        "INSERT INTO file_text (file_id, text, search_text, due_at, attempts) "
        "SELECT DISTINCT file.id, '', '', file.made_at, 0 FROM file JOIN material ON material.file_id = file.id "
        "WHERE file.content_type IN ('application/pdf', 'text/plain', 'text/markdown')"
    )


def _rooms() -> None:
    op.add_column("event", sa.Column("room", sa.String(), nullable=False, server_default=""))
    op.add_column("community", sa.Column("uses_room", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("poll_option", sa.Column("uid", sa.String(), nullable=True))
    op.create_index("ix_poll_option_uid", "poll_option", ["uid"], unique=True)
    op.create_index("ix_event_room", "event", ["room"])


def _replies() -> None:
    op.add_column("inbound_mail", sa.Column("about", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_inbound_mail_about", "inbound_mail", ["about"])
    op.add_column("call", sa.Column("is_by_mail", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("call", sa.Column("proposed_starts", sa.DateTime(), nullable=True))
    op.add_column("call", sa.Column("proposed_ends", sa.DateTime(), nullable=True))
    op.add_column("call", sa.Column("proposed_sequence", sa.Integer(), nullable=True))
    op.add_column("call", sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("call", sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "merged_community",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"],
            ["community.id"],
            name=op.f("fk_merged_community_community_id_community"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_merged_community")),
    )
    op.create_index("ix_merged_community_community_id", "merged_community", ["community_id"])


def _founding() -> None:
    op.create_table(
        "proposed_circle",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("proposed_by_id", sa.Integer(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("community_id", sa.Integer(), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_proposed_circle_event_id_event"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"],
            ["person.id"],
            name=op.f("fk_proposed_circle_proposed_by_id_person"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["community_id"],
            ["community.id"],
            name=op.f("fk_proposed_circle_community_id_community"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_proposed_circle")),
    )
    for column in ("proposed_by_id", "community_id"):
        op.create_index(op.f(f"ix_proposed_circle_{column}"), "proposed_circle", [column])


def _numbers() -> None:
    """Let no number of these tables come again: they stand in tokens. SQLite alone would give them out anew.

    What lies on the disk stays as it is, so the schema may be written (sqlite.org/lang_altertable.html, section 7).
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    op.execute("PRAGMA writable_schema = ON")
    for table in ("person", "community", "event"):
        op.execute(
            f"UPDATE sqlite_master SET sql = replace(sql, 'PRIMARY KEY (id)', 'PRIMARY KEY (id AUTOINCREMENT)') "
            f"WHERE type = 'table' AND name = '{table}'"
        )
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = OFF")
    for table in ("person", "community", "event"):
        _begin_above_known(table)


def _begin_above_known(table: str) -> None:
    """SQLite counts on from what it has noted: note the highest number that stands there or in a deed."""
    op.execute(
        f"INSERT INTO sqlite_sequence (name, seq) SELECT '{table}', max(number) FROM ("
        f"SELECT id AS number FROM {table} UNION ALL SELECT 0 UNION ALL "
        f"SELECT CAST(substr(subject, {len(table) + 2}) AS INTEGER) FROM audit_entry WHERE subject LIKE '{table}:%')"
    )


def downgrade() -> None:
    raise NotImplementedError("There is no way back: what was kept would be lost.")
