"""An event remembers that its invitations were stopped, or that they wait until its registration opens"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("calling_stopped_at", "calls_at"):
        op.add_column("event", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_event_calls_at", "event", ["calls_at"])


def downgrade() -> None:
    raise NotImplementedError("There is no way back: people would be invited to what was stopped.")
