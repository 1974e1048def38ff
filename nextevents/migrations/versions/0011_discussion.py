"""Posts remember whether their keepers were told and whether they were passed on"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("post", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("post", sa.Column("passed_on_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("There is no way back: everybody would get old posts once more.")
