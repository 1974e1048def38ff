"""Versions of a campaign keep its language and whom it goes to; those saved before have what stands today"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign_version", sa.Column("language", sa.String(), server_default="de", nullable=False))
    op.add_column("campaign_version", sa.Column("segment", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    op.execute(
        "UPDATE campaign_version SET"
        " language = (SELECT campaign.language FROM campaign WHERE campaign.id = campaign_version.campaign_id),"
        " segment = (SELECT campaign.segment FROM campaign WHERE campaign.id = campaign_version.campaign_id)"
    )


def downgrade() -> None:
    raise NotImplementedError("There is no way back: it would not be known whom earlier versions went to.")
