"""Items as each channel shows them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from outreach.channels.model import ChannelName
from outreach.channels.protocol import Article, Picture, Status
from outreach.channels.weibo.length import weibo_length
from outreach.foundation.media import MediaStore
from outreach.foundation.problems import InvalidContent
from outreach.items.labels import display_rows
from outreach.items.model import Kind, Origin
from outreach.publishing.renditions import (
    Source,
    check,
    from_json,
    render,
    render_article,
    render_status,
    to_json,
    with_picture_urls,
)

PROJECT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
SAMPLES: list[dict[str, Any]] = [
    json.loads(line)
    for line in (PROJECT / "outreach/demo/items.jsonl").read_text(encoding="utf-8").splitlines()
]
LINK = "https://hb.example.gov.cn/p/AbCdEfGhIjKlMnOpQrStUvWx"
PICTURE = Picture("a" * 64, "现场.png", "image/png")


def source(sample: dict[str, Any], **changes: Any) -> Source:
    kind = Kind(sample["kind"])
    made = Source(
        kind=kind,
        title=sample["title"],
        short_title=sample.get("short_title"),
        section=sample["section"],
        origin=Origin(sample["origin"]),
        repost_source=None,
        repost_url=None,
        formed_on=date.fromisoformat(sample["formed_on"]),
        body=sample["body"],
        field_rows=tuple(display_rows(kind, sample["fields"])),
        pictures={},
        picture_sizes={},
        files=tuple(sample["attachments"]),
        corrects_title=None,
        public_url=LINK,
        bureau="乌兰察布市生态环境局",
        account_name="乌兰察布生态环境",
    )
    return replace(made, **changes)


def sample(source_id: str, **changes: Any) -> Source:
    return source(next(one for one in SAMPLES if one["source_id"] == source_id), **changes)


def with_picture(body: str, size: int = 1000) -> Source:
    return sample("event-15", body=body, pictures={"现场.png": PICTURE}, picture_sizes={"现场.png": size})


def fields_of(source: Source, *channels: ChannelName) -> list[str]:
    return [error.field for error in check(source, channels or ChannelName)]


@pytest.fixture
def media(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path)


every_sample = pytest.mark.parametrize("one", SAMPLES, ids=[one["source_id"] for one in SAMPLES])


@every_sample
def test_every_sample_passes_both_platforms(one: dict[str, Any]) -> None:
    assert check(source(one), ChannelName) == []


@every_sample
async def test_every_sample_is_an_article_within_the_limits(one: dict[str, Any], media: MediaStore) -> None:
    article = await render(source(one), ChannelName.WECHAT, media)

    assert isinstance(article, Article)
    assert article.title == (one["title"] if len(one["title"]) <= 32 else one["short_title"])
    assert len(article.title) <= 32
    assert len(article.author) <= 16
    assert 0 < len(article.digest) <= 120
    assert len(article.html) < 20_000
    assert article.source_url == LINK
    assert (await media.read(article.cover.sha256)).startswith(b"\x89PNG")


@every_sample
async def test_every_sample_is_a_status_with_its_whole_title_and_link(
    one: dict[str, Any], media: MediaStore
) -> None:
    status = await render(source(one), ChannelName.WEIBO, media)

    assert isinstance(status, Status)
    assert status.text.startswith(f"【{one['title']}】")
    assert status.text.endswith(LINK)
    assert weibo_length(status.text) <= 140
    assert status.picture is not None
    assert len(await media.read(status.picture.sha256)) < 5_000_000


@every_sample
def test_every_sample_has_a_readable_table_where_the_body_is_empty(one: dict[str, Any]) -> None:
    html = render_article(source(one, body=" \n")).html

    for label, _ in display_rows(Kind(one["kind"]), one["fields"]):
        assert f">{label}</td>" in html


def test_a_body_stands_without_a_table_of_the_fields() -> None:
    html = render_article(sample("penalty-01")).html

    assert "盘锦市生态环境局2021年4月20日检查发现" in html
    assert "<table" not in html


def test_an_article_tells_source_section_date_and_attachments() -> None:
    html = render_article(sample("eia_notice-05")).html

    assert "来源：乌兰察布市生态环境局" in html
    assert "环境影响评价与排放管理科" in html
    assert "2025年2月22日" in html
    assert "<li>批复.pdf</li><li>删减内容说明.pdf</li>" in html
    assert "附件请见公开页面" in html


def test_a_shortened_article_still_shows_the_whole_title() -> None:
    one = sample("eia_notice-01")

    assert one.title in render_article(one).html


def test_a_repost_names_where_it_is_from() -> None:
    one = sample(
        "event-09",
        origin=Origin.REPOST,
        repost_source="生态环境部",
        repost_url="https://www.mee.gov.cn/x.html",
    )

    article = render_article(one)
    assert "转载自生态环境部" in article.html
    assert "https://www.mee.gov.cn/x.html" in article.html
    assert "来源：" not in article.html
    assert article.author == "生态环境部"
    assert "（转载自生态环境部）" in render_status(one)


def test_a_correction_names_what_it_corrects() -> None:
    one = sample("event-09", corrects_title="旧的<标题>")

    assert "更正此前发布的《旧的&lt;标题&gt;》" in render_article(one).html
    assert "（更正）" in render_status(one)


@pytest.mark.parametrize(
    ("changes", "author"),
    [
        ({}, "乌兰察布市生态环境局"),
        ({"bureau": "内蒙古自治区乌兰察布市生态环境局集宁区分局"}, "乌兰察布生态环境"),
        ({"bureau": "局" * 17, "account_name": "号" * 17}, ""),
    ],
)
def test_an_author_is_a_name_that_has_room_and_never_a_cut_one(changes: dict[str, str], author: str) -> None:
    assert render_article(sample("event-09", **changes)).author == author


def test_scripts_styles_classes_and_foreign_pictures_are_gone() -> None:
    body = (
        "<script>alert(1)</script>\n\n<style>p{}</style>\n\n"
        "![图](https://example.com/x.png) [链接](javascript:alert(1))\n\n| a |\n|:-:|\n| 1 |"
    )
    html = render_article(sample("event-09", body=body)).html

    assert not re.search(r"<(script|style|img|iframe|link)|class=|href=\"javascript", html)
    assert "&lt;script&gt;" in html
    assert "text-align:center" in html


def test_a_picture_of_the_body_is_listed_and_not_repeated_as_an_attachment() -> None:
    article = render_article(with_picture("现场如下。\n\n![说明](现场.png)"))

    assert article.pictures == (PICTURE,)
    assert f'<img src="media:{PICTURE.sha256}"' in article.html
    assert "<li>现场.png</li>" not in article.html


def test_a_picture_that_the_body_does_not_show_is_an_attachment() -> None:
    article = render_article(with_picture("没有图。"))

    assert article.pictures == ()
    assert "<li>现场.png</li>" in article.html


def test_addresses_are_put_into_pictures_and_nowhere_else() -> None:
    text = f'写着 <img src="media:{PICTURE.sha256}" 的文字'
    html = render_article(with_picture(f"{text}\n\n![图](现场.png)")).html

    shown = with_picture_urls(html, lambda sha256: f"/media/{sha256}?a=1&b=2")
    assert f'<img src="/media/{PICTURE.sha256}?a=1&amp;b=2"' in shown
    assert f"media:{PICTURE.sha256}" in shown  # the words stay as they were typed


def test_code_keeps_its_lines() -> None:
    assert "<code>甲\n  乙\n</code>" in render_article(sample("event-09", body="```\n甲\n  乙\n```")).html


def test_a_long_title_needs_a_short_one_for_wechat_only() -> None:
    one = sample("eia_notice-01", short_title=None)

    assert fields_of(one, ChannelName.WECHAT) == ["short_title"]
    assert fields_of(one, ChannelName.WEIBO) == []


def test_a_short_title_that_is_too_long_is_told() -> None:
    assert fields_of(sample("eia_notice-01", short_title="短" * 33)) == ["short_title"]


def test_a_body_too_long_for_wechat_is_told_on_the_body() -> None:
    one = sample("event-09", body="字" * 20_000)

    assert fields_of(one, ChannelName.WECHAT) == ["body"]
    assert fields_of(one, ChannelName.WEIBO) == []


def test_the_addresses_that_pictures_will_get_count_too() -> None:
    many = "![](现场.png)" * 70

    assert len(render_article(with_picture(many)).html) < 20_000
    assert fields_of(with_picture(many), ChannelName.WECHAT) == ["body"]


def test_a_picture_of_a_megabyte_is_told_where_the_body_shows_it() -> None:
    assert fields_of(with_picture("![图](现场.png)", size=1_000_000)) == ["attachments"]
    assert fields_of(with_picture("![图](现场.png)", size=999_999)) == []
    assert fields_of(with_picture("没有图。", size=1_000_000)) == []


def test_a_document_shown_as_a_picture_is_told() -> None:
    assert fields_of(sample("eia_notice-05", body="![批复](批复.pdf)")) == ["attachments"]


def test_a_topic_in_the_title_is_refused_for_weibo() -> None:
    one = sample("event-09", title="#六五环境日#活动预告")

    assert fields_of(one, ChannelName.WEIBO) == ["title"]
    assert fields_of(one, ChannelName.WECHAT) == []


def test_a_lead_can_not_make_a_topic() -> None:
    text = render_status(sample("event-09", title="2#锅炉检修公告", body="涉及3#、4#锅炉。"))

    assert text.count("#") == 1
    assert "3＃、4＃锅炉" in text


def test_a_source_with_a_hash_sign_is_told() -> None:
    one = sample("event-09", origin=Origin.REPOST, repost_source="#话题#")

    assert fields_of(one, ChannelName.WEIBO) == ["repost_source"]


def test_a_title_too_long_for_weibo_is_told() -> None:
    assert fields_of(sample("event-09", title="长" * 130), ChannelName.WEIBO) == ["title"]


def test_a_source_too_long_for_weibo_is_told() -> None:
    one = sample("event-09", origin=Origin.REPOST, repost_source="源" * 120)

    assert fields_of(one, ChannelName.WEIBO) == ["repost_source"]


@pytest.mark.parametrize("title", ["", "  ", "两\n行", "控制\x00字符", "半个\ud83d"])
def test_a_title_that_can_not_be_shown_is_told(title: str) -> None:
    assert fields_of(sample("event-09", title=title)) == ["title"]


def test_the_lead_ends_with_a_sentence_where_most_of_the_room_is_used() -> None:
    text = render_status(sample("penalty-10"))

    assert re.search(r"。 处罚信息（编号AbCdEf）：https://", text)


def test_a_lead_without_sentences_is_cut_with_an_ellipsis() -> None:
    text = render_status(sample("event-09", body="无标点" * 100))

    assert "… 活动详情（编号AbCdEf）：" in text
    assert weibo_length(text) in {139, 140}


def test_a_status_has_one_link() -> None:
    text = render_status(sample("event-09", body="报名请见：https://example.com/a，谢谢。"))

    assert re.findall(r"https?://[!-~]+", text) == [LINK]
    assert "报名请见…" in text


def test_a_status_without_a_body_tells_the_fields() -> None:
    assert "活动名称：2022年六五环境日国家主场活动" in render_status(sample("event-09", body=""))


async def test_what_a_platform_would_refuse_is_not_rendered(media: MediaStore) -> None:
    with pytest.raises(InvalidContent) as refused:
        await render(sample("eia_notice-01", short_title=None), ChannelName.WECHAT, media)

    assert [error.field for error in refused.value.errors] == ["short_title"]


@pytest.mark.parametrize("channel", list(ChannelName))
async def test_a_rendition_survives_being_stored(channel: ChannelName, media: MediaStore) -> None:
    rendition = await render(with_picture("![图](现场.png)"), channel, media)

    assert from_json(json.loads(json.dumps(to_json(rendition)))) == rendition


def test_a_status_without_a_picture_survives_being_stored() -> None:
    assert from_json(to_json(Status("文字", None))) == Status("文字", None)


@settings(max_examples=150, deadline=None)
@given(
    title=st.text(max_size=150),
    short_title=st.none() | st.text(max_size=40),
    body=st.text(max_size=500) | st.text(alphabet="环#评。，\n|-* <>&![](http:/a.)", max_size=1500),
)
def test_nothing_beyond_the_limits_passes_the_check(title: str, short_title: str | None, body: str) -> None:
    one = sample("event-09", title=title, short_title=short_title, body=body)

    if not check(one, [ChannelName.WEIBO]):
        text = render_status(one)
        assert weibo_length(text) <= 140
        assert not re.search("#[^#]*#", text)
        assert title in text
        assert text.endswith(LINK)
    if not check(one, [ChannelName.WECHAT]):
        article = render_article(one)
        assert article.title in {title, short_title}
        assert len(article.title) <= 32
        assert len(article.digest) <= 120
        assert len(article.html) < 20_000
        assert not re.search("<(script|style|img)", article.html)


@settings(max_examples=10, deadline=None)
@given(st.integers(15_000, 25_000))
def test_a_body_around_the_limit_passes_only_below_it(length: int) -> None:
    one = sample("event-09", body="字" * length)

    fits = len(render_article(one).html) < 20_000
    assert (check(one, [ChannelName.WECHAT]) == []) is fits


@pytest.mark.parametrize(("name", "body"), [("eia_notice-02", None), ("air_quality-12", "")])
def test_an_article_looks_as_it_was_approved_to_look(name: str, body: str | None) -> None:
    one = sample(name) if body is None else sample(name, body=body)
    golden = (GOLDEN / f"{name}.html").read_text(encoding="utf-8")

    assert _line_by_line(render_article(one).html) == golden


def _line_by_line(html: str) -> str:
    return html.replace("><", ">\n<") + "\n"
