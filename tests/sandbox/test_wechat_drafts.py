from __future__ import annotations

import json

import pytest

from .platform import Platform, image


@pytest.mark.parametrize(
    ("field", "longest", "code"),
    [
        ("title", "题" * 32, 45003),
        ("author", "者" * 16, 45110),
        ("digest", "摘" * 128, 45004),
        ("content", "文" * 19_999, 45002),
        ("content_source_url", "http://e.cn/" + "a" * 1012, 41039),
    ],
)
async def test_a_field_may_be_as_long_as_its_limit_and_no_longer(
    sandbox: Platform, field: str, longest: str, code: int
) -> None:
    assert (await sandbox.kept(**{field: longest}))[field] == longest
    assert await sandbox.refusal(**{field: longest + "a"}) == code


async def test_a_draft_holds_eight_articles_at_most(sandbox: Platform) -> None:
    article = await sandbox.article()
    assert await sandbox.draft(*[article] * 8)
    assert (await sandbox.post("/cgi-bin/draft/add", {"articles": [article] * 9}))["errcode"] == 45008
    assert (await sandbox.post("/cgi-bin/draft/add", {"articles": []}))["errcode"] == 44003


async def test_empty_texts_are_refused(sandbox: Platform) -> None:
    assert await sandbox.refusal(title=" ") == 45003
    assert await sandbox.refusal(content="") == 44003
    assert await sandbox.refusal(content="<script>alert(1)</script>") == 45166


async def test_the_cover_must_be_a_permanent_image_of_the_account(sandbox: Platform) -> None:
    inside = (await sandbox.upload("/cgi-bin/media/uploadimg", image()))["url"].split("/")[-2]
    other = (await sandbox.stable_token(sandbox.unverified))["access_token"]
    for media_id in (None, "", "unknown", inside, await sandbox.cover(token=other)):
        assert await sandbox.refusal(thumb_media_id=media_id) == 40007


async def test_escaped_characters_are_refused(sandbox: Platform) -> None:
    raw = json.dumps({"articles": [await sandbox.article()]}).encode()
    assert (await sandbox.post_raw("/cgi-bin/draft/add", raw))["errcode"] == 40033
    assert await sandbox.refusal(content=r"<p>C:\\u4e2d is a path</p>") == 0


async def test_what_is_no_json_is_refused(sandbox: Platform) -> None:
    assert (await sandbox.post_raw("/cgi-bin/draft/add", b""))["errcode"] == 44002
    assert (await sandbox.post_raw("/cgi-bin/draft/add", b"{"))["errcode"] == 47001
    assert (await sandbox.post_raw("/cgi-bin/draft/add", b"[]"))["errcode"] == 47001


async def test_scripts_go_and_foreign_images_lose_their_source(sandbox: Platform) -> None:
    own = (await sandbox.upload("/cgi-bin/media/uploadimg", image()))["url"]
    kept = await sandbox.kept(
        content='<p style="color: #333" onclick="x()">甲&amp;乙<br/></p><script>x()</script>'
        f'<img src="{own}" alt="图"><img src="https://example.com/a.png" alt="外">'
        '<a href="javascript:x()">点</a>'
    )
    assert kept["content"] == (
        f'<p style="color: #333">甲&amp;乙<br/></p><img src="{own}" alt="图"><img alt="外"><a>点</a>'
    )


async def test_a_missing_digest_is_the_beginning_of_the_text(sandbox: Platform) -> None:
    kept = await sandbox.kept(content=f"<p>{'文' * 60}</p>")
    assert kept["digest"] == "文" * 54


async def test_comments_need_a_verified_account(sandbox: Platform) -> None:
    assert await sandbox.refusal(need_open_comment=1) == 0
    sandbox.token = (await sandbox.stable_token(sandbox.unverified))["access_token"]
    assert await sandbox.refusal() == 0
    assert await sandbox.refusal(need_open_comment=1) == 88000


async def test_the_box_lists_counts_and_deletes_drafts(sandbox: Platform) -> None:
    first = await sandbox.draft(await sandbox.article(title="甲"))
    second = await sandbox.draft(await sandbox.article(title="乙"))
    listed = await sandbox.post("/cgi-bin/draft/batchget", {"offset": 0, "count": 20, "no_content": 1})
    assert (listed["total_count"], listed["item_count"]) == (2, 2)
    assert [item["media_id"] for item in listed["item"]] == [second, first]
    assert listed["item"][0]["content"]["news_item"][0]["title"] == "乙"
    assert listed["item"][0]["content"]["news_item"][0]["content"] == ""

    assert (await sandbox.post("/cgi-bin/draft/delete", {"media_id": first}))["errcode"] == 0
    assert await sandbox.get("/cgi-bin/draft/count", access_token=sandbox.token) == {"total_count": 1}
    assert (await sandbox.post("/cgi-bin/draft/get", {"media_id": first}))["errcode"] == 40007


async def test_a_page_of_drafts_holds_twenty_at_most(sandbox: Platform) -> None:
    assert "errcode" not in await sandbox.post("/cgi-bin/draft/batchget", {"offset": 0, "count": 20})
    assert (await sandbox.post("/cgi-bin/draft/batchget", {"offset": 0, "count": 21}))["errcode"] == 40035
    assert (await sandbox.post("/cgi-bin/draft/batchget", {"offset": 0, "count": 0}))["errcode"] == 40035


async def test_an_inside_picture_is_jpg_or_png_below_one_megabyte(sandbox: Platform) -> None:
    path, small = "/cgi-bin/media/uploadimg", len(image())
    answer = await sandbox.upload(path, image(padding=1024 * 1024 - 1 - small))
    async with sandbox.http.get(answer["url"]) as response:
        assert response.content_type == "image/png"
        assert len(await response.read()) == 1024 * 1024 - 1
    assert (await sandbox.upload(path, image(padding=1024 * 1024 - small)))["errcode"] == 40009
    assert (await sandbox.upload(path, image("GIF"), "a.gif"))["errcode"] == 40005
    assert (await sandbox.upload(path, b"text", "a.png"))["errcode"] == 40005
    assert (await sandbox.upload(path, image(), "blob"))["errcode"] == 40005
    assert (await sandbox.upload(path, b""))["errcode"] == 44001


async def test_an_article_takes_the_place_of_another(sandbox: Platform) -> None:
    media_id = await sandbox.draft(await sandbox.article(title="甲"), await sandbox.article(title="乙"))
    body = {"media_id": media_id, "index": 1, "articles": await sandbox.article(title="丙")}
    assert await sandbox.code("/cgi-bin/draft/update", body) == 0
    kept = await sandbox.post("/cgi-bin/draft/get", {"media_id": media_id})
    assert [article["title"] for article in kept["news_item"]] == ["甲", "丙"]
    for fields, code in (
        ({"index": 2}, 40114),
        ({"index": -1}, 40114),
        ({"media_id": "x"}, 40007),
        ({"articles": await sandbox.article(title="题" * 33)}, 45003),
        ({"articles": [await sandbox.article()]}, 47001),
    ):
        assert await sandbox.code("/cgi-bin/draft/update", {**body, **fields}) == code


async def test_a_digest_belongs_to_a_single_article(sandbox: Platform) -> None:
    article = await sandbox.article(digest="摘要")
    media_id = await sandbox.draft(article, article)
    kept = await sandbox.post("/cgi-bin/draft/get", {"media_id": media_id})
    assert [each["digest"] for each in kept["news_item"]] == ["", ""]


async def test_a_picture_post_names_permanent_images_of_which_the_first_is_the_cover(
    sandbox: Platform,
) -> None:
    first, second = await sandbox.cover(), await sandbox.cover()
    images = [{"image_media_id": first}, {"image_media_id": second}]
    kept = await sandbox.kept(
        article_type="newspic", content="<b>现场</b>", image_info={"image_list": images}, thumb_media_id=None
    )
    assert (kept["content"], kept["thumb_media_id"]) == ("现场", first)
    assert kept["image_info"] == {"image_list": images}
    bad = {"image_list": [{"image_media_id": "x"}]}
    assert await sandbox.refusal(article_type="newspic", image_info=bad) == 40007
    assert await sandbox.refusal(article_type="newspic") == 40035
    assert await sandbox.refusal(article_type="video") == 40035


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"pic_crop_235_1": "0.1945_0_1_0.5236"}, 0),
        ({"pic_crop_1_1": "0.123456_0_1_1"}, 0),
        ({"pic_crop_1_1": "0.1234567_0_1_1"}, 40035),
        ({"pic_crop_1_1": "0_0_1"}, 40035),
        ({"pic_crop_1_1": "0_0_1_2"}, 40035),
        (
            {
                "cover_info": {
                    "crop_percent_list": [{"ratio": "1_1", "x1": "0", "y1": "0", "x2": "1", "y2": "0.5"}]
                }
            },
            0,
        ),
        (
            {
                "cover_info": {
                    "crop_percent_list": [{"ratio": "4_3", "x1": "0", "y1": "0", "x2": "1", "y2": "1"}]
                }
            },
            40035,
        ),
        ({"cover_info": {"crop_percent_list": "all"}}, 40035),
        ({"product_info": {"footer_product_info": {"product_key": "x"}}}, 53406),
        ({"need_open_comment": 2}, 40035),
        ({"content_source_url": "javascript:x()"}, 41039),
        ({"title": 1}, 47001),
    ],
)
async def test_what_an_article_brings_along_is_checked(
    sandbox: Platform, fields: dict[str, object], code: int
) -> None:
    assert await sandbox.refusal(**fields) == code
