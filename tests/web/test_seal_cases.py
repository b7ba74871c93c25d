"""A sealed item's case on its page: the steps of the law, freed or purged, and what is then left of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, Table, select, text, update

from outreach.foundation import audit, clock
from outreach.foundation.audit import AuditEvent
from outreach.items.model import Item, ItemState
from outreach.migrations.tables import METADATA
from outreach.office.comment_item import comment
from outreach.office.context import Office
from outreach.office.plan_posts import plan_posts
from outreach.office.purge_item import EMPTIED
from outreach.office.redaction import return_with_masks
from outreach.office.review_item import decide
from outreach.office.submit_item import submit_item
from outreach.office.write_item import attach_file, edit_item
from outreach.people.model import Role
from outreach.publishing import service as publishing
from outreach.publishing.model import Post
from outreach.publishing.rules import PostAction
from outreach.review.model import DecisionKind
from outreach.review.service import Remark, Removal, Verdict
from outreach.screening.queries import findings_of
from outreach.sealing.model import SealCase
from tests.builders import REVIEWERS, OfficeStory, publish
from tests.items.builders import item as item_sample
from tests.screening import documents
from tests.waiting import eventually

from .conftest import Browser, Page, hire

WORD = "凤凰FENGHUANG7K行动"
NEEDLE = b"FENGHUANG7K"
"""Part of the word that no encoding changes: it stands wherever an item can say something, and must stand nowhere
afterwards."""
SHARED = documents.docx(documents.run("大家都有"))
COPIES = ["database", "media", "servers", "platforms", "people"]


@pytest.fixture
async def reviewer(office: Office, new_browser: Callable[[], Browser]) -> AsyncIterator[Browser]:
    await hire(office, "周敏", Role.CONFIDENTIALITY_REVIEWER)
    browser = new_browser()
    await browser.sign_in("周敏", next="/marks")
    yield browser


async def sealed(browser: Browser, item: Item) -> str:
    """The path of the case, once the item was sealed on its page."""
    page = await browser.get(f"/items/{item.id}")
    assert "封存这条信息" in page.text
    page = await browser.post(f"/items/{item.id}/seal", seal_reason="群众来电，说文件上有标志。")
    assert (page.status, "没有发出的已取消" in page.text) == (200, True)
    return re.sub(r"[#?].*", "", page.path)


async def noted(browser: Browser, case: str, *steps: str) -> Page:
    for step in steps:
        page = await browser.post(f"{case}/steps/{step}", {f"note-{step}": "已电话报告保密办王工。"})
        assert page.status == 200
    return page


async def test_only_the_confidentiality_reviewer_seals_and_sees_the_case(
    office: Office, new_browser: Callable[[], Browser], reviewer: Browser, story: OfficeStory
) -> None:
    item = await story.item("event", source_id="sealed-1", title="演练安排").published(
        *(await story.accounts())[:2]
    )
    other = new_browser()
    await hire(office, "管理", Role.ADMIN, Role.EDITOR, Role.PUBLISHER, Role.AUDITOR, Role.SIGNATORY)
    await other.sign_in("管理")
    assert "封存这条信息" not in (await other.get(f"/items/{item.id}")).text
    assert (await other.post(f"/items/{item.id}/seal", seal_reason="x")).status == 403
    missing = await reviewer.post(f"/items/{item.id}/seal", seal_reason="")
    assert (missing.status, "请写明理由" in missing.text) == (422, True)
    marked = await reviewer.post(f"/items/{item.id}/seal", seal_reason="机密★10年")
    assert (marked.status, "机密★10年" in marked.text.split("<body")[0]) == (422, False)

    case = await sealed(reviewer, item)
    public = await other.get(f"/p/{item.public_id}")
    assert (public.status, "演练安排" in public.text) == (410, False)
    for path in (case, f"/items/{item.id}"):
        assert (await other.get(path)).status == 403
    for act in ("steps/report", "confirm", "free", "purge", "copies", "close"):
        assert (await other.post(f"{case}/{act}", understood="1")).status == 403
    again = await new_browser().client.post(
        "/api/v1/items",
        json={**item_sample("event", source_id="sealed-1"), "attachments": []},
        headers={"Authorization": f"Bearer {await story.token(await story.person(Role.EDITOR))}"},
    )
    assert (again.status, "演练安排" in await again.text()) == (403, False)
    post = (await story.posts(item))[1]
    for path in ("/posts", "/needs-attention", f"/posts/{post.id}"):
        page = await other.get(path)
        assert (page.status, "演练安排" in page.text, "已封存" in page.text) == (200, False, True)
    assert (await other.get(f"/posts/{post.id}/picture")).status == 404
    page = await reviewer.get(case)
    for told in ("请马上登录这个账号", "系统正在撤回", "撤回中 1 个", "现在要做", "未核对现行条文"):
        assert told in page.text
    assert "待核实" in (await reviewer.get("/marks")).text
    assert "有 1 个封存案件没有办完" in (await reviewer.get("/queue")).text
    assert "封存案件" not in (await other.get("/queue")).text
    with clock.at(clock.now() + timedelta(hours=25)):
        assert "报告已超过时限" in (await reviewer.sign_in("周敏", next=case)).text


async def test_a_false_alarm_goes_back_to_its_writer_and_is_not_sealed_again(
    office: Office, reviewer: Browser, story: OfficeStory
) -> None:
    item = await story.item("event", title="档案展").approved()
    line = "密级：秘密"
    async with office.db.begin() as session:  # stored before the rules knew such a line
        await session.execute(
            update(Item).where(Item.id == item.id).values(body=f"展品说明\n{line}", state=ItemState.DRAFT)
        )
    assert (await submit_item(office, item.id, await story.person(Role.EDITOR))).state is ItemState.SEALED
    (link,) = set(re.findall(r"/marks/cases/\w+", (await reviewer.get("/marks")).text))
    assert "classification" in (await reviewer.get(link)).text
    assert (await reviewer.post(f"{link}/free", free_reason="")).status == 422
    page = await reviewer.post(f"{link}/free", free_reason="展品上的字样，档案馆确认不涉密。")
    assert (page.path, "已解除封存" in page.text) == (f"/items/{item.id}", True)
    draft = await story.fresh(item)
    assert (draft.state, draft.stage, draft.revision) == (ItemState.DRAFT, None, item.revision + 2)
    again = await submit_item(office, item.id, await story.person(Role.EDITOR))
    assert (again.state, again.stage) == (ItemState.IN_REVIEW, "section")
    closed = await reviewer.get(link)
    assert ("已结案：误报，已解除" in closed.text, "解除封存</button>" in closed.text) == (True, False)
    assert (await reviewer.post(f"{link}/steps/report", {"note-report": "晚了"})).status == 409
    async with office.db.read() as session:
        acts = (await session.scalars(select(AuditEvent.act).where(AuditEvent.subject_id == item.id))).all()
        assert await audit.verify(session) == []
    assert {"item.seal", "seal.false_alarm", "item.free", "seal.close"} <= set(acts)


async def test_a_secret_is_purged_from_wherever_the_service_keeps_it(
    office: Office, reviewer: Browser, story: OfficeStory
) -> None:
    item, other = await _said_everywhere(office, reviewer, story)
    assert any("sqlite" in place for place in await _places(office)) != _is_postgresql(office)
    case = await sealed(reviewer, item)
    early = await reviewer.post(f"{case}/purge", understood="1")
    assert (early.status, "先由保密审查员确认确属涉密" in early.text) == (409, True)
    await reviewer.post(f"{case}/confirm", reason="定密责任人认定。")
    early = await reviewer.post(f"{case}/purge", understood="1")
    assert (early.status, "请先完成“报告保密工作机构”" in early.text) == (409, True)
    await noted(reviewer, case, "report", "withdraw", "assess")
    assert (await reviewer.post(f"{case}/purge")).status == 422

    own = office.media.path(item.attachments[0].sha256 or "")
    own.rename(own.with_suffix(".kept"))
    own.mkdir()  # can't be removed like a file: the run does not get through
    page = await reviewer.post(f"{case}/purge", understood="1")
    assert ("没有全部完成" in page.text, "有文件删不掉" in page.text) == (True, True)
    own.rmdir()
    own.with_suffix(".kept").rename(own)
    page = await reviewer.post(f"{case}/purge", understood="1")
    assert ("已清除。" in page.text, "没有全部完成" in page.text, own.exists()) == (True, False, False)
    assert (other.id in page.text, "请查看，需要的也封存" in page.text) == (True, True)
    assert "审计记录第" not in page.text  # the chain never held the words
    assert ("VACUUM FULL" in page.text) == _is_postgresql(office)
    assert (await reviewer.get(f"/items/{item.id}")).path == case
    token = await story.token(await story.person(Role.CONFIDENTIALITY_REVIEWER))
    answer = await reviewer.client.get(
        f"/api/v1/items/{item.id}", headers={"Authorization": f"Bearer {token}"}
    )
    assert (answer.status, (await answer.json())["state"]) == (200, "sealed")
    for path in ("/items?state=sealed", "/records", "/posts", "/marks", f"/p/{item.public_id}"):
        assert NEEDLE.decode() not in (await reviewer.get(path)).text
    assert await _places(office) == []
    if _is_postgresql(office):
        await eventually(lambda: _is_vacuumed(office))
    kept = await story.fresh(other)
    assert (kept.title, office.media.path(kept.attachments[0].sha256 or "").exists()) == ("另一条", True)

    still_open = await reviewer.post(f"{case}/close")
    assert (still_open.status, "从平台撤回、清点备份和副本" in still_open.text) == (409, True)
    for post in await story.posts(item):
        async with office.db.begin() as session:  # as the withdrawals on the platforms do
            gone = PostAction.RESOLVE_WITHDRAWN if post.after_withdrawing else PostAction.GONE
            await publishing.move(session, await session.get_one(Post, post.id), gone)
    partly = await reviewer.post(f"{case}/copies", {"note-copies": "删了三份。"}, places=COPIES[:-1])
    assert (partly.status, "删了三份。" in partly.text) == (422, True)
    await reviewer.post(f"{case}/copies", {"note-copies": "删了三份。"}, places=COPIES)
    closed = await reviewer.post(f"{case}/close")
    assert "已结案：确属涉密" in closed.text
    assert (await reviewer.post(f"{case}/purge", understood="1")).status == 409
    async with office.db.read() as session:
        (record,) = (await session.scalars(select(SealCase))).all()
        assert (record.content_hash is not None, record.purged_by_name) == (True, "周敏")
        assert await audit.verify(session) == []


async def _said_everywhere(office: Office, browser: Browser, story: OfficeStory) -> tuple[Item, Item]:
    """An item that says the word wherever it can, and another one that shares a file with it."""
    editor, head = await story.person(Role.EDITOR), await story.person(Role.SECTION_HEAD)
    person = await story.person(Role.CONFIDENTIALITY_REVIEWER)
    said = Verdict(DecisionKind.APPROVE, f"同意公开{WORD}。")
    item = await story.item(
        "event", title=f"{WORD}开始", body=f"{WORD}电话13812340026。", fields={"extra": {WORD: WORD}}
    )
    await attach_file(
        office, item.id, editor, name=f"{WORD}.docx", content=documents.docx(documents.run(WORD))
    )
    await attach_file(office, item.id, editor, name="附图.docx", content=SHARED)
    other = await story.item("event", title="另一条")
    await attach_file(office, other.id, editor, name="附图.docx", content=SHARED)
    item = await submit_item(office, item.id, editor)
    async with office.db.begin() as session:
        remark = Remark("body", WORD, f"{WORD}是什么？")
        await comment(session, item.id, head, remark, revision=1)
        await decide(session, item.id, head, said, revision=1, zone=clock.SHANGHAI)
    async with office.db.begin() as session:
        phone = next(one.id for one in await findings_of(session, item) if one.field == "body")
        removal = Removal([phone], f"请改{WORD}。")
        await return_with_masks(session, item.id, person, removal, revision=1)
    async with office.db.begin() as session:
        returned = await session.get_one(Item, item.id)
        body = f"{WORD}，欢迎参加。"
        await edit_item(session, item.id, editor, {"body": body}, version=returned.version)
    item = await submit_item(office, item.id, editor)
    for role in REVIEWERS:
        async with office.db.begin() as session:
            await decide(session, item.id, await story.person(role), said, revision=2, zone=clock.SHANGHAI)
    accounts = [one.id for one in (await story.accounts())[:2]]
    await plan_posts(office, item.id, await story.person(Role.PUBLISHER), accounts, None)
    for post in await story.posts(item):
        await publish(office, post.id)
    assert WORD in (await browser.get(f"/p/{item.public_id}")).text
    await browser.get("/records/filing")
    assert ".zip" in (await browser.post("/records/filing")).text
    return await story.fresh(item), other


async def _places(office: Office) -> list[str]:
    """Where the word stands: rows of the database, and files of the service."""
    rows = [
        table.name
        for table in METADATA.sorted_tables
        for row in await _rows(office, table)
        if NEEDLE.decode() in repr(row)
    ]
    files = [path for path in office.settings.home.rglob("*") if path.is_file()]
    packed = [path.name for path in files if path.name.startswith("filing-")]
    return [*rows, *packed, *(str(path) for path in files if NEEDLE in path.read_bytes())]


def _is_postgresql(office: Office) -> bool:
    return office.db.engine.dialect.name == "postgresql"


async def _is_vacuumed(office: Office) -> bool:
    """Whether the server remembers that it vacuumed the tables whose rows were emptied."""
    asked = text("SELECT count(*) FROM pg_stat_user_tables WHERE last_vacuum IS NOT NULL")
    async with office.db.read() as session:
        return bool(await session.scalar(asked) == len(EMPTIED))


async def _rows(office: Office, table: Table) -> Sequence[Row[Any]]:
    async with office.db.read() as session:
        return (await session.execute(select(table))).all()
