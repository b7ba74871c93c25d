"""Items by the API: created, read, changed under their version, given files; and what is told when they can't."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from PIL import Image

from outreach.review.model import DecisionKind
from outreach.review.service import Verdict
from tests.builders import OfficeStory
from tests.items import builders as samples
from tests.items import workbooks
from tests.web.api.conftest import PDF, As, Caller

REFUSED = Verdict(DecisionKind.REFUSE, "不宜公开。", "《政府信息公开条例》第十六条：内部事务信息")
NOWHERE = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def raw(kind: str = "penalty", **changes: Any) -> dict[str, Any]:
    return samples.item(kind, **{"source_id": None, "attachments": [], **changes})


@pytest.fixture
async def editor(story: OfficeStory, as_: As) -> Caller:
    """An editor, in an office that has the section of every sample."""
    for name in {one["section"] for one in samples.SAMPLES}:
        await story.section(name)
    return await as_("editor")


async def test_an_item_is_created_and_read_back(editor: Caller) -> None:
    created = await editor.post("/items", raw(source_id="penalty-1"))
    assert created.status == 201
    assert created.headers["ETag"] == f'"{created.body["version"]}"'
    assert created.headers["Location"] == f"/api/v1/items/{created.body['id']}"
    read = await editor.get(f"/items/{created.body['id']}")
    assert (read.status, read.body, read.headers["ETag"]) == (200, created.body, created.headers["ETag"])


async def test_every_kind_comes_back_as_it_was_given(editor: Caller) -> None:
    for kind in ("eia_notice", "penalty", "air_quality", "event"):
        given = raw(kind)
        answer = await editor.post("/items", given)
        assert (answer.status, answer.body["kind"]) == (201, kind)
        assert samples.without_nulls(answer.body["fields"]) == samples.without_nulls(given["fields"])


async def test_the_same_source_id_again_is_the_same_item(editor: Caller) -> None:
    first = await editor.post("/items", raw(source_id="penalty-1"))
    second = await editor.post("/items", raw(source_id="penalty-1", title="另一个标题"))
    assert (second.status, second.body) == (200, first.body)
    assert len((await editor.get("/items")).body["items"]) == 1


async def test_a_source_id_of_another_section_is_told(editor: Caller, story: OfficeStory, as_: As) -> None:
    first = await editor.post("/items", raw(source_id="penalty-1"))
    await story.section("外科室")
    outsider = await as_(await story.person("editor", name="外人", sections=["外科室"]))
    answer = await outsider.post("/items", raw(source_id="penalty-1", section="外科室"))
    assert (answer.status, set(answer.fields)) == (422, {"source_id"})
    rows = lines(raw(source_id="penalty-1", section="外科室"))
    (row,) = (await outsider.upload("/imports", ("items.jsonl", rows))).body["rows"]
    assert (row["outcome"], row["item_id"]) == ("rejected", None)
    assert (await editor.get(f"/items/{first.body['id']}")).body == first.body


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"title": ...}, {"title"}),
        ({"titel": "x"}, {"titel"}),
        ({"formed_on": "2026-02-30"}, {"formed_on"}),
        ({"formed_on": 20260101}, {"formed_on"}),
        ({"fields": {"amount_yuan": -1, "decided_on": "昨天"}}, {"fields.amount_yuan", "fields.decided_on"}),
        ({"fields": {"colour": "x"}}, {"fields.colour"}),
        ({"section": "没有的科室"}, {"section"}),
        ({"title": "一\x00二"}, {"title"}),
        ({"title": "一\ud800二"}, {"title"}),
        ({"title": "长" * 65}, {"title"}),
        ({"title": "\u200b\u202e"}, {"title"}),
        ({"body": "\u200b\n\u200b"}, {"body"}),
        ({"fields": {"party": "\u200b"}}, {"fields.party"}),
        ({"body": {"not": "a text"}}, {"body"}),
        ({"body": "字" * 100_001}, {"body"}),
        ({"fields": {"amount_yuan": 10**400}}, {"fields.amount_yuan"}),
        ({"attachments": ["../../etc/passwd"]}, {"attachments.0"}),
        ({"corrects": "nothing"}, {"corrects"}),
    ],
    ids=lambda value: str(sorted(value))[:40],
)
async def test_wrong_content_is_told_by_field(
    editor: Caller, changes: dict[str, Any], fields: set[str]
) -> None:
    given = {name: value for name, value in raw(**changes).items() if value is not ...}
    answer = await editor.post("/items", given)
    assert (answer.status, set(answer.fields)) == (422, fields)
    assert answer.body["type"].endswith("invalid-content")
    assert answer.body.keys() == {"type", "title", "status", "detail", "errors"}


async def test_an_unknown_kind_is_told_with_those_there_are(editor: Caller) -> None:
    answer = await editor.post("/items", {**raw(), "kind": "news"})
    assert (answer.status, set(answer.fields)) == (422, {"kind"})
    assert "eia_notice" in answer.fields["kind"]


async def test_all_that_is_wrong_is_told_at_once(editor: Caller) -> None:
    given = raw(title="", formed_on="x", fields={"amount_yuan": "很多"})
    assert {"title", "formed_on", "fields.amount_yuan"} <= set((await editor.post("/items", given)).fields)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"a": NaN}', b"9" * 5000, b"[" * 100_000],
    ids=lambda body: repr(body[:10]),
)  # fmt: skip
async def test_what_is_no_json_object_is_wrong_content(editor: Caller, body: bytes) -> None:
    answer = await editor.call("POST", "/items", data=body, headers={"Content-Type": "application/json"})
    assert (answer.status, set(answer.fields)) == (422, {"body"})


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_body_that_is_not_coded_as_it_says_is_no_request(editor: Caller, encoding: str) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    for path in ("/items", "/imports"):
        answer = await editor.call("POST", path, data=b"neither of them", headers=headers)
        assert answer.status in {400, 415}


async def test_other_media_types_are_not_taken(editor: Caller) -> None:
    for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        headers = {"Content-Type": media_type}
        assert (await editor.call("POST", "/items", data=b"{}", headers=headers)).status == 415
    assert (await editor.upload("/items", ("a.pdf", PDF))).status == 415


async def test_a_body_of_three_megabytes_is_too_large(editor: Caller) -> None:
    content = io.BytesIO(json.dumps(raw(body="字" * 500_000)).encode())
    answer = await editor.call("POST", "/items", data=content, headers={"Content-Type": "application/json"})
    assert (answer.status, answer.body["type"].rsplit("/", 1)[1]) == (413, "too-large")


async def test_a_script_in_the_body_is_taken_as_text(editor: Caller) -> None:
    body = "<script>alert(1)</script>\n\n<img src=x onerror=alert(2)>"
    answer = await editor.post("/items", raw(body=body))
    assert (answer.status, answer.body["body"]) == (201, body)
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"body": "机密★10年\n\n正文"}, "body"),
        ({"title": "绝密★长期"}, "title"),
        ({"attachments": ["秘密★.pdf"]}, "attachments.0"),
    ],
    ids=str,
)
async def test_a_classification_mark_is_refused_and_not_stored(
    editor: Caller, changes: dict[str, Any], field: str
) -> None:
    answer = await editor.post("/items", raw(**changes))
    assert (answer.status, set(answer.fields)) == (422, {field})
    assert answer.body["type"].endswith("classification-mark")
    assert (await editor.get("/items")).body["items"] == []


async def test_a_mark_is_told_first_whatever_else_is_wrong(editor: Caller) -> None:
    wrong = {"body": {"deep": ["机密★10年"]}, "title": "", "fields": {"amount_yuan": "很多"}}
    answer = await editor.post("/items", raw(**wrong))
    assert answer.status == 422 and answer.body["type"].endswith("classification-mark")
    assert next(iter(answer.fields)) == "body.deep.0" and "title" in answer.fields
    item = (await editor.post("/items", raw())).body
    answer = await editor.patch(f"/items/{item['id']}", {"title": "", "body": "绝密★长期"}, item["version"])
    assert answer.body["type"].endswith("classification-mark") and set(answer.fields) == {"body", "title"}


async def test_a_change_needs_the_present_version(editor: Caller) -> None:
    item = (await editor.post("/items", raw())).body
    path = f"/items/{item['id']}"
    assert (await editor.call("PATCH", path, json={"title": "新"})).status == 428

    changed = await editor.patch(path, {"title": "新的标题", "fields": {"amount_yuan": 3}}, item["version"])
    assert (changed.status, changed.body["title"]) == (200, "新的标题")
    assert changed.body["fields"] == {**item["fields"], "amount_yuan": 3}
    assert changed.headers["ETag"] == f'"{item["version"] + 1}"'

    stale = await editor.patch(path, {"title": "别人的标题"}, item["version"])
    assert (stale.status, stale.body["type"].rsplit("/", 1)[1]) == (412, "stale-version")
    assert (await editor.get(path)).body == changed.body
    quoted = await editor.patch(path, {"title": "又一个标题"}, changed.headers["ETag"])
    assert (quoted.status, quoted.body["title"]) == (200, "又一个标题")
    assert (await editor.patch(path, {}, "9" * 30)).status == 412
    for neither in ("many", '"1', '1"', "-1", "1.0", '"1", "2"', "*"):
        assert (await editor.patch(path, {}, neither)).fields.keys() == {"If-Match"}


async def test_the_state_is_told_before_what_is_wrong_with_a_change(
    editor: Caller, story: OfficeStory, as_: As
) -> None:
    item = await story.item().submitted().decided("section_head", REFUSED)
    for changes, headers in (({"title": "新"}, {"If-Match": "1"}), ({"colour": 1}, {}), ([], {})):
        answer = await editor.call("PATCH", f"/items/{item.id}", json=changes, headers=headers)
        assert answer.status == 409
    assert (await editor.upload(f"/items/{item.id}/attachments", ("a.exe", b"MZ"))).status == 409


async def test_a_number_is_given_once(editor: Caller) -> None:
    item = (await editor.post("/items", raw(source_id=None))).body
    path = f"/items/{item['id']}"
    given = await editor.patch(path, {"source_id": "P-1"}, item["version"])
    assert (given.status, given.body["source_id"]) == (200, "P-1")
    again = await editor.patch(path, {"source_id": "P-2"}, given.body["version"])
    assert (again.status, list(again.fields)) == (422, ["source_id"])


async def test_what_cannot_change_is_told(editor: Caller) -> None:
    item = (await editor.post("/items", raw(source_id="P-1"))).body
    path = f"/items/{item['id']}"
    for changes, field in (
        ({"kind": "event"}, "kind"),
        ({"source_id": "x"}, "source_id"),
        ({"fields": 3}, "fields"),
        ({"state": "approved"}, "state"),
        ({"title": None}, "title"),
    ):
        answer = await editor.patch(path, changes, item["version"])
        assert answer.status == 422
        assert field in answer.fields or f"fields.{field}" in answer.fields or field == "kind"


async def test_the_checks_come_in_their_order(
    editor: Caller, nobody: Caller, story: OfficeStory, as_: As
) -> None:
    item = (await editor.post("/items", raw())).body
    path = f"/items/{item['id']}"
    broken: dict[str, Any] = {"headers": {"Content-Type": "text/plain"}, "data": b"{"}
    assert (await nobody.call("PATCH", f"/items/{NOWHERE}", **broken)).status == 401
    publisher = await as_("publisher")
    assert (await publisher.call("PATCH", f"/items/{NOWHERE}", **broken)).status == 404
    assert (await publisher.call("PATCH", path, **broken)).status == 403
    for call in ("reviews", "posts", "attachments"):
        assert (await nobody.call("POST", f"/items/{NOWHERE}/{call}", **broken)).status == 401
        assert (await editor.call("POST", f"/items/{NOWHERE}/{call}", **broken)).status == 404
    for call in ("reviews", "posts"):
        assert (await editor.call("POST", f"{path}/{call}", **broken)).status == 403
    assert (await publisher.call("POST", f"{path}/attachments", **broken)).status == 403
    assert (await publisher.call("POST", "/items", **broken)).status == 403


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer  ", "Bearer nonsense", "Basic YTpi", "nonsense"]
)
async def test_without_a_known_token_nothing_is_told(nobody: Caller, authorization: str) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = await nobody.call("GET", "/items", headers=headers)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_a_token_of_another_role_may_not_write(editor: Caller, as_: As) -> None:
    for role in ("section_head", "confidentiality_reviewer", "signatory", "publisher", "auditor", "admin"):
        assert (await (await as_(role)).post("/items", raw())).status == 403


async def test_nobody_sees_the_items_of_other_sections(editor: Caller, story: OfficeStory, as_: As) -> None:
    item = (await editor.post("/items", raw())).body
    other = next(one["section"] for one in samples.SAMPLES if one["section"] != item["section"])
    outsider = await as_(await story.person("editor", name="外科室", sections=[other]))
    assert (await outsider.get("/items")).body["items"] == []
    for call in ("submit", "recall", "discard", "reviews", "posts", "attachments"):
        assert (await outsider.post(f"/items/{item['id']}/{call}", {})).status == 404
    assert (await outsider.patch(f"/items/{item['id']}", {"title": "x"}, 1)).status == 404
    refused = await outsider.post("/items", raw())
    assert (refused.status, set(refused.fields)) == (422, {"section"})


@pytest.mark.parametrize(
    "nonsense", ["x" * 200, "%00", "%E7%BC%96%E5%8F%B7", "..%2F..%2Fetc", "%FF", "'%20OR%201=1", NOWHERE, "~"]
)
async def test_what_is_no_id_is_not_found(editor: Caller, as_: As, nonsense: str) -> None:
    assert (await editor.get(f"/items/{nonsense}")).status == 404
    assert (await editor.get(f"/posts/{nonsense}")).status == 404
    assert (await editor.post(f"/items/{nonsense}/submit")).status == 404
    assert (await (await as_("publisher")).post(f"/posts/{nonsense}/cancel")).status == 404


async def test_unknown_addresses_and_methods_are_told_as_problems(editor: Caller) -> None:
    assert (await editor.get("/nothing")).status == 404
    refused = await editor.call("DELETE", "/items")
    assert (refused.status, set(refused.headers["Allow"].split(","))) == (405, {"GET", "POST"})


async def test_lists_are_paged_from_the_newest(editor: Caller) -> None:
    made = [(await editor.post("/items", raw(title=f"第{number}条"))).body["id"] for number in range(5)]
    seen: list[str] = []
    page = (await editor.get("/items", limit=2)).body
    while True:
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        page = (await editor.get("/items", limit=2, cursor=page["next_cursor"])).body
    assert seen == sorted(made, reverse=True)


async def test_lists_are_narrowed(editor: Caller) -> None:
    penalty = (await editor.post("/items", raw("penalty", title="甲"))).body
    event = (await editor.post("/items", raw("event", title="乙"))).body
    await editor.post(f"/items/{event['id']}/submit")

    async def ids(**query: str) -> list[str]:
        return [item["id"] for item in (await editor.get("/items", **query)).body["items"]]

    assert await ids(kind="penalty") == [penalty["id"]]
    assert await ids(state="in_review", stage="section") == [event["id"]]
    assert await ids(section=event["section"], kind="event") == [event["id"]]
    assert await ids(text="甲") == [penalty["id"]]
    assert await ids(text="全　角") == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", "nonsense"),
        ("kind", "news"),
        ("stage", "nonsense"),
        ("section", "没有的科室"),
        ("text", "\x01"),
        ("limit", "0"),
        ("limit", "201"),
        ("limit", "0002000000"),
        ("limit", "²"),
        ("limit", "many"),
        ("cursor", "编号"),
    ],
)
async def test_unknown_filter_values_are_told_by_name(editor: Caller, name: str, value: str) -> None:
    answer = await editor.get("/items", **{name: value})
    assert (answer.status, set(answer.fields)) == (422, {name})


def png() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(content, "PNG")
    return content.getvalue()


async def test_a_file_fills_the_name_that_waits_for_it(editor: Caller) -> None:
    item = (await editor.post("/items", raw(attachments=["决定书.pdf"]))).body
    assert [(one["name"], one["missing"]) for one in item["attachments"]] == [("决定书.pdf", True)]
    waiting = await editor.post(f"/items/{item['id']}/submit")
    assert (waiting.status, set(waiting.fields)) == (422, {"attachments"})

    filled = await editor.upload(f"/items/{item['id']}/attachments", ("决定书.pdf", PDF))
    assert filled.status == 201
    (attachment,) = filled.body["attachments"]
    assert attachment.keys() == {"id", "name", "size", "sha256", "missing"}
    assert (attachment["size"], attachment["missing"]) == (len(PDF), False)
    assert filled.body["version"] > item["version"]
    assert (await editor.post(f"/items/{item['id']}/submit")).status == 200


async def test_a_percent_encoded_name_is_the_same_name(editor: Caller) -> None:
    item = (await editor.post("/items", raw(attachments=["决定书.pdf"]))).body
    encoded = ("%E5%86%B3%E5%AE%9A%E4%B9%A6.pdf", PDF)
    filled = await editor.upload(f"/items/{item['id']}/attachments", encoded)
    assert [(one["name"], one["missing"]) for one in filled.body["attachments"]] == [("决定书.pdf", False)]


async def test_a_patch_strikes_a_file(editor: Caller) -> None:
    item = (await editor.post("/items", raw(attachments=["a.pdf", "b.pdf"]))).body
    changed = await editor.patch(f"/items/{item['id']}", {"attachments": ["b.pdf"]}, item["version"])
    assert [one["name"] for one in changed.body["attachments"]] == ["b.pdf"]


async def test_what_is_no_attachment_is_refused(editor: Caller) -> None:
    item = (await editor.post("/items", raw())).body
    path = f"/items/{item['id']}/attachments"
    assert (await editor.upload(path, ("a.pdf", png()))).status == 415
    assert (await editor.upload(path, ("a.docx", b"PK\x03\x04 and no more"))).status == 415
    assert (await editor.upload(path, ("a.exe", b"MZ"))).status == 422
    assert (await editor.upload(path, ("a.pdf", b""))).status == 422
    assert (await editor.upload(path, ("../a.pdf", PDF))).status == 422
    assert (await editor.upload(path, ("机密★.pdf", PDF))).body["type"].endswith("classification-mark")
    assert (await editor.upload(path, ("a.pdf", PDF + b" " * 20 * 1024 * 1024))).status == 413
    assert (await editor.upload(path)).fields.keys() == {"file"}
    assert (await editor.upload(path, ("a.pdf", PDF), ("b.pdf", PDF))).fields.keys() == {"file"}
    assert (await editor.post(path, {})).status == 415
    assert (await editor.get(f"/items/{item['id']}")).body["attachments"] == []


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"nonsense"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.pdf"'),
        ("multipart/form-data; boundary=x", b"--x\r\nno header\r\n\r\n--x--"),
        ("multipart/form-data; boundary=x", b"--x\r\n\xff: \xff\r\n\r\n\r\n--x--\r\n"),
        (f"multipart/form-data; boundary={'x' * 100}", b"--"),
    ],
    ids=repr,
)  # fmt: skip
async def test_a_broken_upload_is_wrong_content(editor: Caller, media_type: str, body: bytes) -> None:
    item = (await editor.post("/items", raw())).body
    answer = await editor.call(
        "POST", f"/items/{item['id']}/attachments", data=body, headers={"Content-Type": media_type}
    )
    assert (answer.status, set(answer.fields)) == (422, {"file"})


def lines(*rows: Any) -> bytes:
    return "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows).encode()


async def test_an_import_reports_every_row(editor: Caller) -> None:
    good, wrong = raw(source_id="a"), raw(source_id="b", formed_on="x", kind="penalty")
    report = await editor.upload("/imports", ("items.jsonl", lines(good, wrong, "{", good)))
    assert report.status == 200
    assert report.body.keys() == {"stored", "counts", "rows"}
    assert (report.body["stored"], report.body["counts"]["created"]) == (True, 1)
    outcomes = [(row["row"], row["source_id"], row["outcome"]) for row in report.body["rows"]]
    assert outcomes == [
        (1, "a", "created"),
        (2, "b", "rejected"),
        (3, None, "rejected"),
        (4, "a", "unchanged"),
    ]
    assert [error["field"] for error in report.body["rows"][1]["errors"]] == ["formed_on"]
    assert report.body["rows"][0]["item_id"] == report.body["rows"][3]["item_id"]


@pytest.mark.parametrize("query", [{"dry_run": "true"}, {"all_or_nothing": "1"}])
async def test_a_trial_and_all_or_nothing_store_nothing(editor: Caller, query: dict[str, str]) -> None:
    rows = lines(raw(source_id="a"), raw(source_id="b", formed_on="x"))
    report = await editor.upload("/imports", ("items.jsonl", rows), query=query)
    assert (report.status, report.body["stored"]) == (200, False)
    assert [row["outcome"] for row in report.body["rows"]] == ["good", "rejected"]
    assert (await editor.get("/items")).body["items"] == []


async def test_a_workbook_is_reported_by_its_sheets(editor: Caller, story: OfficeStory) -> None:
    await story.section(workbooks.EVENT["科室"])
    report = await editor.upload("/imports", ("活动.xlsx", workbooks.event()))
    assert report.body["counts"]["created"] == 1
    assert [(row["sheet"], row["row"]) for row in report.body["rows"]] == [("信息", 2)]
    assert (await editor.get("/items")).body["items"][0]["source_id"] == workbooks.EVENT["来源编号"]


async def test_a_file_that_cannot_be_imported_is_refused(editor: Caller, as_: As) -> None:
    assert (await editor.upload("/imports", ("items.xlsx", b"PK\x03\x04"))).status == 422
    assert (await editor.upload("/imports", ("items.jsonl", b""))).status == 422
    assert (await editor.upload("/imports", ("items.csv", b"\xff\xff\xff"))).status == 422
    wrong = await editor.upload("/imports", ("a.jsonl", lines(raw())), query={"dry_run": "perhaps"})
    assert (wrong.status, set(wrong.fields)) == (422, {"dry_run"})
    assert (await (await as_("publisher")).upload("/imports", ("a.jsonl", b"{}"))).status == 403


async def test_rows_with_signs_that_cannot_be_stored_are_reported(editor: Caller) -> None:
    rows = lines(
        '{"source_id": "\\ud800", "\\udfff": 1}', '{"source_id": "a\\u0000", "kind": "penalty"}', "[1]"
    )
    report = await editor.upload("/imports", ("items.jsonl", rows))
    assert [row["outcome"] for row in report.body["rows"]] == ["rejected"] * 3
