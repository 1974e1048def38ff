"""What the search in the archive of newsletters looks through"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign", sa.Column("search_text", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    raise NotImplementedError("There is no way back.")
