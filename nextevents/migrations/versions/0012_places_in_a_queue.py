"""Places given to mails that wait for a slow mail domain"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("destination", sa.Column("booked_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("destination", sa.Column("raised_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index("ix_message_campaign", "message")
    op.create_index(
        "ix_message_campaign",
        "message",
        ["campaign_id", "state", "sent_at"],
        postgresql_where=sa.text("campaign_id IS NOT NULL"),
        sqlite_where=sa.text("campaign_id IS NOT NULL"),
    )


def downgrade() -> None:
    raise NotImplementedError("There is no way back.")
