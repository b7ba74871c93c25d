"""Whatever was posted in whatever order, and however wrong the clocks are: what stands on the timeline, or may stand
behind it, is never held to be absent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from outreach.channels.protocol import NotThere, Published, Trace
from outreach.channels.weibo.timeline import ROWS, look_among

BEGIN: Final = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
SOUGHT: Final = "【行政处罚】某公司超标排放。处罚信息（k3v9qd）：http://127.0.0.1/p/k3v9qd7h"
CLOCK_SKEW: Final = timedelta(minutes=5)

# What was posted, oldest first: `ours` was confirmed by us, `foreign` by others of whom we know nothing.
posted = st.lists(
    st.tuples(st.sampled_from(["ours", "foreign"]), st.integers(0, 400)), min_size=0, max_size=9
)


@given(
    before=posted,
    after=posted,
    is_there=st.booleans(),
    ahead_s=st.integers(-7200, 7200),
    knows_the_order=st.booleans(),
)
def test_what_is_there_is_never_held_to_be_absent(
    before: list[tuple[str, int]],
    after: list[tuple[str, int]],
    is_there: bool,
    ahead_s: int,
    knows_the_order: bool,
) -> None:
    rows: list[dict[str, Any]] = []
    moment = BEGIN

    def post(text: str, wait_s: int) -> str:
        nonlocal moment
        moment += timedelta(seconds=wait_s)
        rows.insert(0, row(len(rows) + 1, text, moment))
        return str(rows[0]["idstr"])

    earlier = set()
    for number, (whose, wait) in enumerate(before):
        status_id = post(f"早先的第{number}条", wait)
        if whose == "ours":
            earlier.add(status_id)
    since = moment + timedelta(seconds=ahead_s)  # by our clock, which may be wrong
    sought = post(SOUGHT, 0) if is_there else None
    # While its outcome is open the account sends nothing else of ours: only others do.
    for number, (_, wait) in enumerate(after):
        post(f"后来的第{number}条", wait)
    known = frozenset(earlier)
    found = look_among(
        rows[:ROWS],
        SOUGHT,
        Trace(since, others=known, earlier=known if knows_the_order else frozenset()),
        "1",
    )
    if isinstance(found, Published):
        assert found.platform_id == sought
    if is_there and abs(ahead_s) <= CLOCK_SKEW.total_seconds():
        assert found != NotThere()
    if is_there and sought in {one["idstr"] for one in rows[:ROWS]}:
        assert found != NotThere()
    if not is_there and knows_the_order and any(one["idstr"] in known for one in rows[:ROWS]):
        assert found == NotThere()


def row(number: int, text: str, at: datetime) -> dict[str, Any]:
    return {
        "idstr": str(5_000_000_000 + number),
        "text": text.replace("http://127.0.0.1/p/k3v9qd7h", "http://t.cn/A6abcdef"),
        "created_at": at.strftime("%a %b %d %H:%M:%S +0000 %Y"),
    }
