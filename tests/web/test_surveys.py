"""Evaluation surveys: reviewed before they open, answered once without a name, and counted for the report."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from outreach.channels.model import Account
from outreach.followers.questionnaires import Form, read_questionnaire
from outreach.followers.texts.queries import open_edition
from outreach.foundation import clock
from outreach.office.context import Office
from outreach.office.end_surveys import end_surveys_over
from outreach.people.model import Role
from outreach.settings import Settings
from outreach.statistics.report.compose import compose_report
from outreach.statistics.survey.model import Survey, SurveyAnswer, SurveyVoter
from outreach.statistics.survey.rules import read_answers, results_of
from tests.builders import OfficeStory
from tests.conftest import settings_for
from tests.sandbox.platform import Platform, platform
from tests.servers import Sqlite
from tests.web.conftest import Browser, Page, hire
from tests.web.test_follow_pages import Telephone
from tests.web.test_house_texts import send

TEXT = """问卷：政务公开满意度测评
说明：不记名。
单选（知晓度）：您知道可以在公众号上查询空气质量吗？
+ 知道，查过
+ 知道，没有查过
- 不知道
打分（满意度）：您对及时性满意吗？
文字：您还希望公开什么？
"""
ANSWER = {"q1": "2", "q2": "5", "q3": "夜间噪声，电话13812345678"}
WECHAT = {"User-Agent": "Mozilla/5.0 MicroMessenger/8.0.50"}


@pytest.fixture
async def sandbox() -> AsyncIterator[Platform]:
    async with platform("http://127.0.0.1:8080") as running:
        await running.control("settings", {"callback_again_s": 0.05})
        yield running


@pytest.fixture
def settings(database_url: str, tmp_path: Path, sandbox: Platform) -> Settings:
    return settings_for(
        tmp_path,
        database_url,
        wechat_base_url=sandbox.url,
        wechat_open_url=sandbox.url,
        weibo_base_url=sandbox.url,
    )


@pytest.fixture
async def account(story: OfficeStory) -> Account:
    return (await story.accounts())[0]


async def at_desk(office: Office, new_browser: Callable[[], Browser], role: Role) -> Browser:
    await hire(office, role.value, role)
    browser = new_browser()
    await browser.sign_in(role.value)
    return browser


def typed(account: Account | None, **changes: str) -> dict[str, str]:
    today = clock.today(clock.SHANGHAI)
    days = {"opens_on": f"{today}", "closes_on": f"{today + timedelta(days=9)}"}
    return {"account_id": account.id if account else "", "content": TEXT, **days, **changes}


async def opened(office: Office, new_browser: Callable[[], Browser], account: Account | None) -> Page:
    """The page of a survey that was made, reviewed and opened, as the publisher sees it."""
    editor = await at_desk(office, new_browser, Role.EDITOR)
    made = await editor.post("/statistics/surveys/new", typed(account))
    assert made.status == 200, made.text
    place = made.path
    publisher = await at_desk(office, new_browser, Role.PUBLISHER)
    early = await publisher.post(f"{place}/open")
    assert (early.status, "没有通过保密审查" in early.text) == (409, True)
    key = f"survey.{place.rpartition('/')[2]}"
    await editor.post(f"/house-texts/{key}", content=TEXT, version="1", submit="1")
    reviewer = await at_desk(office, new_browser, Role.CONFIDENTIALITY_REVIEWER)
    await send(reviewer, key, "approve")
    return await publisher.post(f"{place}/open")


def path_in(page: Page) -> str:
    (found,) = set(re.findall(r"/survey/[\w-]{22}", page.text))
    return found


async def count(office: Office, model: type[SurveyAnswer] | type[SurveyVoter]) -> int:
    async with office.db.read() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0


async def test_a_follower_answers_once_and_nothing_of_who_they_are_outlives_the_end(
    office: Office, new_browser: Callable[[], Browser], sandbox: Platform, account: Account
) -> None:
    page = await opened(office, new_browser, account)
    path = path_in(page)
    first, second = await sandbox.followers(2)
    for number, openid in enumerate((first, second), start=1):
        browser = new_browser()
        led = await browser.get(path, follow=False, headers=WECHAT)
        assert (led.status, led.headers["Location"]) == (303, f"/follow/{account.id}{path}")
        phone = Telephone(browser, sandbox, account, openid)
        form = await phone.open(path)
        assert ("政务公开满意度测评" in form.text, openid in form.text) == (True, False)
        missing = await phone.send(path, q1="1", q3="保留")
        assert (missing.status, "请选择 1 至 5 分" in missing.text, "保留</textarea>" in missing.text) == (
            422,
            True,
            True,
        )
        thanked = await phone.send(path, **ANSWER | {"q2": str(6 - number)})
        assert "已经收下" in thanked.text
        again = await phone.send(path, **ANSWER)
        assert (again.status, "您已经答过" in again.text) == (409, True)
        assert "您已经答过" in (await phone.browser.get(f"/follow/{account.id}{path}")).text
    assert (await count(office, SurveyAnswer), await count(office, SurveyVoter)) == (2, 2)
    with clock.at(clock.now() + timedelta(days=10)):
        assert "已经结束" in (await new_browser().get(path)).text
        assert (await end_surveys_over(office), await end_surveys_over(office)) == (1, 0)
    async with office.db.read() as session:
        survey = (await session.scalars(select(Survey))).one()
        report = await compose_report(session, survey.closes_on.year)
        none = await compose_report(session, survey.closes_on.year - 1)
    assert (survey.sealed_salt, await count(office, SurveyVoter)) == (None, 0)
    told = "".join(line.text for line in report.chapters[0].lines)
    assert "知晓度、满意度测评1次，收回答卷2份，知晓度为100.0%，满意度为100.0%。" in told
    assert report.figures["surveys.satisfaction"].link.endswith("/figures/surveys.satisfaction")
    assert "噪声" not in report.model_dump_json()
    assert "答卷" not in "".join(line.text for line in none.chapters[0].lines)


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 5))))
def test_counts_and_shares_are_those_of_the_answers(given_: list[tuple[int, int]]) -> None:
    questionnaire = read_questionnaire(TEXT)
    answers = [read_answers(questionnaire, {"q1": f"{a}", "q2": f"{b}", "q9": "x"}) for a, b in given_]
    found = results_of(questionnaire, answers)
    choice, scale, words = found.questions
    assert [row.count for row in choice.rows] == [sum(a == n for a, _ in given_) for n in (1, 2, 3)]
    assert choice.counted == sum(a < 3 for a, _ in given_)
    assert scale.counted == sum(b >= 4 for _, b in given_)
    assert (words.question.form, words.rows) == (Form.WORDS, [])
    assert scale.average == (f"{sum(b for _, b in given_) / len(given_):.2f}" if given_ else None)
    assert sum(row.count for row in scale.rows) == scale.answered == len(given_)


class TestPages:
    """What does not depend on the database."""

    @pytest.fixture
    def database_server(self, sqlite: Sqlite) -> Sqlite:
        return sqlite

    async def test_outside_of_wechat_a_browser_answers_once_and_is_counted_by_itself(
        self, office: Office, new_browser: Callable[[], Browser], account: Account
    ) -> None:
        page = await opened(office, new_browser, account)
        path, survey_page = path_in(page), page.path
        visitor = new_browser()
        form = await visitor.get(path)
        assert "form-action 'self'" in form.headers["Content-Security-Policy"]
        assert ("<script" in form.text, form.status) == (False, 200)
        marked = await visitor.post(path, {**ANSWER, "q3": "密级：机密\n内容"})
        assert (marked.status, "带有密级标志" in marked.text) == (422, True)
        foreign = await visitor.post(path, ANSWER, headers={"Sec-Fetch-Site": "cross-site"})
        assert foreign.status == 403
        assert "已经收下" in (await visitor.post(path, ANSWER)).text
        assert "您已经答过" in (await visitor.post(path, ANSWER)).text
        assert "您已经答过" in (await visitor.get(path)).text
        assert await count(office, SurveyAnswer) == 1
        editor = new_browser()
        await editor.sign_in(Role.EDITOR.value)
        seen = (await editor.get(survey_page)).text
        assert ("关注者的回答：0 份" in seen, "其他途径的回答：1 份" in seen) == (True, True)
        assert ("夜间噪声" in seen, "13812345678" in seen) == (True, False)
        await hire(office, "审计员", Role.AUDITOR)
        auditor = new_browser()
        await auditor.sign_in("审计员")
        assert "夜间噪声" not in (await auditor.get(survey_page)).text
        assert (await auditor.post(f"{survey_page}/end")).status == 403
        publisher = new_browser()
        await publisher.sign_in(Role.PUBLISHER.value)
        ended = await publisher.post(f"{survey_page}/end")
        assert "已销毁" in ended.text
        assert (await new_browser().post(path, ANSWER)).status == 409
        assert (await publisher.post(f"{survey_page}/open")).status == 409

    async def test_what_is_wrong_with_a_new_survey_is_told_at_its_field_and_nothing_is_lost(
        self, office: Office, new_browser: Callable[[], Browser], account: Account
    ) -> None:
        editor = await at_desk(office, new_browser, Role.EDITOR)
        today = clock.today(clock.SHANGHAI)
        for field, value, told in (
            ("closes_on", f"{today - timedelta(days=1)}", "不能早于开放日期"),
            ("opens_on", "明天", "请填写日期"),
            ("account_id", "nobody", "请选择列出的公众号"),
            ("content", "单选：一个选项的题\n- 甲", "请用“问卷：”写一个标题"),
            ("content", TEXT + "- 多余的", "选项写在单选题下面"),
            ("content", TEXT.replace("知晓度", "好感度"), "单选（知晓度）"),
            ("content", f"{TEXT}文字：密级：机密", "密级标志"),
        ):
            page = await editor.post("/statistics/surveys/new", typed(account, **{field: value}))
            assert (page.status, told in page.text) == (422, True), field
            assert "您对及时性满意吗" in page.text or field == "content"
        assert "还没有问卷" in (await editor.get("/statistics/surveys")).text
        assert (await new_browser().get("/survey/AAAAAAAAAAAAAAAAAAAAAA")).status == 404

    async def test_a_survey_that_was_never_opened_is_thrown_away_with_its_words(
        self, office: Office, new_browser: Callable[[], Browser], account: Account
    ) -> None:
        editor = await at_desk(office, new_browser, Role.EDITOR)
        place = (await editor.post("/statistics/surveys/new", typed(account))).path
        key = f"survey.{place.rpartition('/')[2]}"
        async with office.db.read() as session:
            draft = await open_edition(session, key)
        assert draft
        guards = {"edition": draft.id, "version": f"{draft.version}"}
        alone = await editor.post(f"/house-texts/{key}/discard", guards)
        assert (alone.status, "不能没有题目" in alone.text) == (409, True)
        gone = await editor.post(f"{place}/discard")
        assert ("问卷已删除" in gone.text, "还没有问卷" in gone.text) == (True, True)
        assert (await editor.get(f"/house-texts/{key}")).status == 404
