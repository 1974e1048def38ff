"""People may say that they want no reminders"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("gets_reminders", sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade() -> None:
    raise NotImplementedError("There is no way back: everybody would be reminded again.")
