"""What organisers say"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("event", sa.Column("notice", sa.String(), nullable=False, server_default=""))
    op.add_column("event", sa.Column("feedback_asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("event", sa.Column("feedback_asked", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    raise NotImplementedError("There is no way back: what was kept would be lost.")
