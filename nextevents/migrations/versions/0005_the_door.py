"""The door: scans, and participants by name"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _plain(column: str) -> str:
    for letter, plain in zip("ßÄäÖöÜüÇçÉéÈèĞğİıŞşŠš", ("ss", *"AaOoUuCcEeEeGgIiSsSs"), strict=True):
        column = f"replace({column}, '{letter}', '{plain}')"
    return f"upper({column})"


def upgrade() -> None:
    op.create_table(
        "scan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_scan_made_by_id_person"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_scan_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan")),
        sa.UniqueConstraint("key", name=op.f("uq_scan_key")),
    )
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scan_registration_id"), ["registration_id"], unique=False)
    op.create_index("ix_registration_name", "registration", ["event_id", sa.text(_plain("name")), "id"])


def downgrade() -> None:
    op.drop_index("ix_registration_name", "registration")
    op.drop_table("scan")
