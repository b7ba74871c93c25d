"""What is done with items: they are written (`writing`), submitted, recalled, discarded and moved on (`states`), and told in
one shape (`snapshots`)."""

from outreach.items.service.snapshots import (
    as_numbered,
    as_typed,
    snapshot_of,
)
from outreach.items.service.states import (
    discard_item,
    end_publicly,
    free_item,
    freeze_revision,
    move,
    publish_items,
    recall_item,
    set_not_before,
    set_withdrawal_days,
    touch,
)
from outreach.items.service.writing import (
    NUMBER_TAKEN,
    attach_file,
    create_item,
    draft_of,
    edit_item,
    require_own_number,
    require_version,
    values_of,
)

__all__ = [
    "NUMBER_TAKEN",
    "as_numbered",
    "as_typed",
    "attach_file",
    "create_item",
    "discard_item",
    "draft_of",
    "edit_item",
    "end_publicly",
    "free_item",
    "freeze_revision",
    "move",
    "publish_items",
    "recall_item",
    "require_own_number",
    "require_version",
    "set_not_before",
    "set_withdrawal_days",
    "snapshot_of",
    "touch",
    "values_of",
]
