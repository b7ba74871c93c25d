"""Supervision and assessment: points by the office's rules, each with what is behind it, and closed quarters that stay."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from outreach.foundation import clock
from outreach.foundation.problems import ClassificationMarkFound
from outreach.office.context import Office
from outreach.office.write_item import edit_item
from outreach.people.model import Role
from outreach.screening import service as screening
from outreach.screening.marks import noting_refusals
from outreach.statistics.assessment.rules import DEFAULT, Measure, Rule, Scheme, mean, ranks
from outreach.statistics.quarters import Quarter, quarter_of, read_quarter
from tests.builders import OfficeStory
from tests.servers import Sqlite
from tests.web.conftest import Browser, Page, browser, hire, new_browser, server

__all__ = ["browser", "new_browser", "server"]

AUGUST = datetime(2026, 8, 10, 2, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 20, 2, tzinfo=UTC)
NUMBERS = st.decimals(-100, 100, places=2)
CAPS = st.decimals(0, 100, places=2)
AMOUNTS = st.dictionaries(st.sampled_from(Measure), st.integers(-20, 300))


@given(NUMBERS, CAPS, st.integers(-50, 500), st.integers(0, 50))
def test_a_measure_gives_or_takes_to_its_cap_and_more_of_it_never_turns_back(
    weight: Decimal, cap: Decimal, amount: int, more: int
) -> None:
    rule = Rule(Measure.LATE, weight, cap)
    points, then = rule.points(amount), rule.points(amount + more)
    assert abs(points) <= cap
    assert points * weight >= 0
    assert abs(then) >= abs(points)
    assert rule.points(0) == 0


@given(AMOUNTS, CAPS)
def test_a_total_is_the_base_and_its_points_and_never_below_zero(
    amounts: dict[Measure, int], base: Decimal
) -> None:
    scheme = Scheme(base, DEFAULT.rules)
    points = scheme.points(amounts)
    total = scheme.total(points)
    assert total == max(Decimal(0), base + sum(points.values()))


@given(st.lists(st.decimals(0, 200, places=2), min_size=1))
def test_places_follow_the_points_and_a_mean_lies_between_them(totals: list[Decimal]) -> None:
    placed = ranks(totals)
    for mine, my_place in zip(totals, placed, strict=True):
        assert my_place == 1 + len([other for other in totals if other > mine])
    assert min(totals) <= mean(totals) <= max(totals)


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)))
def test_a_day_lies_in_its_quarter_and_quarters_follow_each_other(day: date) -> None:
    quarter = quarter_of(day)
    assert quarter.first_day <= day <= quarter.last_day
    assert quarter.next.previous == quarter == read_quarter(str(quarter))
    assert quarter.previous < quarter < quarter.next


async def at_desk(office: Office, new_browser: Callable[[], Browser], name: str, *roles: Role, sections: tuple[str, ...] = ()) -> Browser:  # fmt: skip
    await hire(office, name, *roles, sections=sections)
    browser = new_browser()
    await browser.sign_in(name)
    return browser


def rows_of(page: Page) -> dict[str, list[str]]:
    """The cells of each section's row, by its name."""
    rows = {}
    for row in re.findall(r"<tr>\s*<td data-label=\"名次\">.*?</tr>", page.text, re.DOTALL):
        cells = [
            " ".join(re.sub(r"<[^>]+>", "", one).split())
            for one in re.findall(r"<td.*?</td>", row, re.DOTALL)
        ]
        rows[cells[1]] = [cells[0], *cells[2:]]
    return rows


async def a_summer(office: Office, story: OfficeStory) -> None:
    """What two sections did in the third quarter of 2026."""
    wechat = (await story.accounts())[0]
    with clock.at(AUGUST):
        late = {"formed_on": "2026-07-01", "section": "集宁区分局"}
        await story.item("event", title="迟到的活动", **late).published(wechat, at=AUGUST)
        await story.item("event", formed_on="2026-08-03", section="法规与标准科").published(wechat, at=AUGUST)
        await (
            story.item("event", formed_on="2026-08-03", section="法规与标准科")
            .submitted()
            .returned_by("section_head")
        )
        clerk = await story.person(Role.EDITOR, name="分局编辑", sections=["集宁区分局"])
        draft = await story.item("event", formed_on="2026-08-03", section="集宁区分局")
        with noting_refusals() as refused, pytest.raises(ClassificationMarkFound):
            async with office.db.begin() as session:
                await edit_item(session, draft.id, clerk, {"body": "密级：机密\n正文"}, version=draft.version)
        async with office.db.begin() as session:
            await screening.record_refusals(session, clerk, refused)


async def test_a_closed_quarter_stays_whatever_happens_later(
    office: Office, story: OfficeStory, new_browser: Callable[[], Browser]
) -> None:
    await a_summer(office, story)
    keeper = await at_desk(office, new_browser, "统计员", Role.STATISTICIAN)
    page = "/statistics/assessment?quarter=2026-Q3"
    with clock.at(NOVEMBER, running=True):
        open_ = rows_of(await keeper.get(page))
        closed = await keeper.post("/statistics/assessment/close?quarter=2026-Q3")
        assert "已定稿" in closed.text
        rules = {"number": "0", "base": "50", "basis": "乌环发〔2026〕8号"}
        rules |= {f"{field}.{one}": "1" for one in Measure for field in ("weight", "cap")}
        await keeper.post("/statistics/assessment/rules", rules)
        await story.item("event", formed_on="2026-07-02", section="集宁区分局").submitted()
        after = await keeper.get(page)
        again = await keeper.post("/statistics/assessment/close?quarter=2026-Q3")
        present = await keeper.post("/statistics/assessment/close?quarter=2026-Q4")
        live = rows_of(await keeper.get("/statistics/assessment?quarter=2026-Q2"))
    assert rows_of(after) == open_
    # One in time, one returned and never brought again; and one late, with a draft that was forgotten.
    assert open_["法规与标准科"][:2] == ["1", "94.5"]
    assert open_["集宁区分局"] == [
        "2",
        "84.5",
        "-10 （2）",
        "+0.5 （1）",
        "—",
        "-6 （1）",
        "—",
        "0.0% （0/2）",
    ]
    assert (again.status, present.status) == (409, 409)
    assert live["集宁区分局"][1] == "50"


class TestPages:
    """What does not depend on the database."""

    @pytest.fixture
    def database_server(self, sqlite: Sqlite) -> Sqlite:
        return sqlite

    async def test_every_point_leads_to_what_is_behind_it(
        self, office: Office, story: OfficeStory, new_browser: Callable[[], Browser]
    ) -> None:
        await a_summer(office, story)
        keeper = await at_desk(office, new_browser, "统计员", Role.STATISTICIAN)
        branch = await at_desk(office, new_browser, "分局", Role.EDITOR, sections=("集宁区分局",))
        with clock.at(NOVEMBER, running=True):
            ranking = await branch.get("/statistics/assessment?quarter=2026-Q3")
            assert set(rows_of(ranking)) == {"集宁区分局"}
            (place,) = re.findall(r'href="(/statistics/assessment/sections/\w+)\?', ranking.text)
            seen = await branch.get(f"{place}?quarter=2026-Q3")
            told = " ".join(re.sub(r"<[^>]+>", "", seen.text).split())
            assert "迟到的活动 期限 2026-07-29，2026-08-10 公开" in told
            assert "密级拦截 带密级标志的文字被拒收" in told
            assert "人工登记</h2>" not in seen.text
            entry = {"measure": "answers", "amount": "1", "reason": "依申请公开〔2026〕3号逾期答复"}
            assert (await branch.post(f"{place}/entries?quarter=2026-Q3", entry)).status == 403
            other = (await keeper.get("/statistics/assessment?quarter=2026-Q3")).text
            foreign = re.findall(r'href="(/statistics/assessment/sections/\w+)\?[^"]+">法规', other)[0]
            assert (await branch.get(f"{foreign}?quarter=2026-Q3")).status == 404
            wrong = await keeper.post(f"{place}/entries?quarter=2026-Q3", {**entry, "amount": "0"})
            assert (wrong.status, "1 至 999 的整数" in wrong.text, "3号逾期" in wrong.text) == (
                422,
                True,
                True,
            )
            kept = await keeper.post(f"{place}/entries?quarter=2026-Q3", entry)
            assert "答复逾期：-6 分" in kept.text
            back = {"measure": "incidents", "amount": "-1", "reason": "保密办认定误报"}
            kept = await keeper.post(f"{place}/entries?quarter=2026-Q3", back)
            assert "保密问题：0 分" in kept.text
            (revoke,) = re.findall(r'action="([^"]+/revoke[^"]*)"[^§]*?</li>[^§]*?答复逾期', kept.text)[:1]
            undone = await keeper.post(revoke.replace("&amp;", "&"))
            assert "保密问题：-6 分" in undone.text

    async def test_the_workbook_adds_up_and_keeps_its_texts_harmless(
        self, office: Office, story: OfficeStory, new_browser: Callable[[], Browser]
    ) -> None:
        await a_summer(office, story)
        await story.section("=cmd|' /C calc'!A0")
        keeper = await at_desk(office, new_browser, "统计员", Role.STATISTICIAN)
        with clock.at(NOVEMBER, running=True):
            await keeper.get("/account")
            raw = await (await keeper.client.get("/statistics/assessment.xlsx?quarter=2026-Q3")).read()
            year = await (await keeper.client.get("/statistics/assessment/years/2026.xlsx")).read()
            page = await keeper.get("/statistics/assessment/years/2026")
        values = load_workbook(io.BytesIO(raw), data_only=True)["排名"]
        formulas = load_workbook(io.BytesIO(raw))
        for row in range(4, values.max_row + 1):
            cells = [values.cell(row, column).value for column in range(3, 10)]
            assert max(0, sum(cells[:6])) == cells[6]
            assert str(formulas["排名"].cell(row, 9).value).startswith("=MAX(0,SUM(")
        names = {values.cell(row, 2).value: formulas["排名"].cell(row, 2).data_type for row in range(4, 7)}
        assert names["=cmd|' /C calc'!A0"] == "s"
        assert "迟到的活动" in {one.value for one in formulas["依据"]["E"]}
        means = load_workbook(io.BytesIO(year), data_only=True)["排名"]
        branch = next(row for row in means.iter_rows(min_row=4, values_only=True) if row[1] == "集宁区分局")
        assert branch[2:] == (84.5, 100, 92.25)
        assert "92.25" in page.text

    async def test_rules_are_told_wrong_at_their_field_and_saved_once(
        self, office: Office, new_browser: Callable[[], Browser]
    ) -> None:
        keeper = await at_desk(office, new_browser, "统计员", Role.STATISTICIAN)
        page = (await keeper.get("/statistics/assessment/rules")).text
        form = dict(re.findall(r'name="([a-z.]+)" value="([^"]*)"', page)) | {"basis": "乌环发〔2026〕8号"}
        form.pop("csrf_token", None)
        wrong = await keeper.post("/statistics/assessment/rules", {**form, "weight.late": "五分"})
        assert (wrong.status, 'value="五分"' in wrong.text, "-100 至 100 的数" in wrong.text) == (
            422,
            True,
            True,
        )
        kept = await keeper.post("/statistics/assessment/rules", {**form, "cap.late": "40"})
        assert "逾期公开 -5（至多 40）" in kept.text
        stale = await keeper.post("/statistics/assessment/rules", form)
        assert (stale.status, "刚刚被他人修改" in stale.text) == (409, True)
        assert (await keeper.get("/statistics/assessment?quarter=2099-Q1")).status == 422
        assert str(Quarter(2026, 4)) in (await keeper.get("/statistics/assessment?quarter=2026-Q3")).text
