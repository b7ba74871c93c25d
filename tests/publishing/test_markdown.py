"""Markdown of a body, as readers and platforms get it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.channels.protocol import Picture
from outreach.publishing.markdown import opening_words, picture_names, to_html

MAP = Picture("a" * 64, "现场 图.png", "image/png")
PICTURES = {MAP.name: MAP}


def test_a_single_line_break_is_a_line_break() -> None:
    assert to_html("第一行\n第二行", {}) == "<p>第一行<br>\n第二行</p>"


def test_tables_keep_the_alignment_of_their_columns() -> None:
    html = to_html("| 项目 | 浓度 |\n|---|--:|\n| 氨氮 | 119 |", {})

    assert "<th>项目</th>" in html
    assert '<td style="text-align:right">119</td>' in html


def test_headings_begin_below_the_title() -> None:
    assert to_html("# 一\n\n## 二\n\n###### 六", {}) == "<h2>一</h2>\n<h3>二</h3>\n<h6>六</h6>"


@pytest.mark.parametrize(
    "raw",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<style>body{display:none}</style>",
        "文字<iframe src='https://example.com'></iframe>",
        "<!-- 注释 -->",
    ],
)
def test_raw_html_is_shown_as_text(raw: str) -> None:
    html = to_html(raw, {})

    assert re.sub(r"</?p>", "", html).count("<") == 0
    assert "&lt;" in html


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "media:x",
    ],
)
def test_a_link_of_a_dangerous_scheme_is_no_link(address: str) -> None:
    assert "href" not in to_html(f"[点我]({address}) <{address}>", {})


@pytest.mark.parametrize("address", ["/items", "//example.com/x", "文件.pdf"])
def test_a_link_without_a_scheme_leads_nowhere(address: str) -> None:
    html = to_html(f"[点我]({address})", {})

    assert "href" not in html
    assert "点我" in html


def test_links_to_the_web_and_to_mail_work() -> None:
    html = to_html("[公告](https://www.mee.gov.cn/a) <mailto:hb@example.gov.cn>", {})

    assert 'href="https://www.mee.gov.cn/a"' in html
    assert 'href="mailto:hb@example.gov.cn"' in html


def test_an_attached_picture_is_named_by_its_hash() -> None:
    html = to_html('![现场"照片">](<现场 图.png>)', PICTURES)

    assert html == f'<p><img src="media:{"a" * 64}" alt="现场&quot;照片&quot;&gt;"></p>'


@pytest.mark.parametrize(
    "source", ["http://example.com/x.png", "https://example.com/x.png", "别的.png", "//example.com/x.png"]
)
def test_any_other_picture_is_shown_as_text(source: str) -> None:
    html = to_html(f"![说明]({source})", PICTURES)

    assert "<img" not in html
    assert f"说明（{source}）" in html


def test_the_names_of_pictures_are_found() -> None:
    assert picture_names("![a](<现场 图.png>) [![b](b.pdf)](https://e.cn)\n\n- ![a](<现场 图.png>)") == [
        "现场 图.png",
        "b.pdf",
    ]


def test_the_opening_words_are_one_line_without_marks() -> None:
    body = (
        "# 通告\n\n**重点**如下：\n\n1. 一是`甲`；\n2. 二是[乙](https://e.cn)。\n\n![图](x.png)\n名称\n地点"
    )

    assert opening_words(body) == "通告 重点如下：1. 一是甲；2. 二是乙。名称 地点"


def test_the_opening_words_end_at_a_table_and_pass_over_one_that_comes_first() -> None:
    table = "| a | b |\n|---|---|\n| 1 | 2 |"

    assert opening_words(f"结果如下。\n\n{table}\n\n后文") == "结果如下。"
    assert opening_words(f"{table}\n\n后文") == "后文"


@given(st.text(max_size=400))
def test_whatever_is_typed_gives_only_allowed_elements(body: str) -> None:
    html = to_html(body, PICTURES)

    elements = set(re.findall(r"<\s*/?\s*([a-zA-Z0-9]+)", html))
    allowed = "a blockquote br code em h2 h3 h4 h5 h6 hr img li ol p pre strong table tbody td th thead tr ul"
    assert elements <= set(allowed.split())
    assert set(re.findall(r'<[^>]* src="([^"]*)"', html)) <= {f"media:{MAP.sha256}"}


@pytest.mark.parametrize(
    "body", [">" * 5_000, "- " * 5_000, "[" * 20_000, "*a" * 10_000, "![" * 5_000, "|" * 20_000]
)
def test_hostile_nesting_is_rendered(body: str) -> None:
    assert isinstance(to_html(body, {}), str)


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("**总体要求：**各单位", "<strong>总体要求：</strong>各单位"),
        ("各单位**“严格”**执行", "各单位<strong>“严格”</strong>执行"),
        ("依据**《条例》**第二条", "依据<strong>《条例》</strong>第二条"),
        ("浓度**PM2.5（日均）**达标", "浓度<strong>PM2.5（日均）</strong>达标"),
    ],
)
def test_bold_type_may_end_at_a_chinese_mark(markdown: str, html: str) -> None:
    assert to_html(markdown, {}) == f"<p>{html}</p>"


@pytest.mark.parametrize("text", ["甲*，乙*，丙", "面积 5 ** 3", "各单位 ** 执行"])
def test_stars_that_are_no_marks_stay(text: str) -> None:
    assert to_html(text, {}) == f"<p>{text}</p>"
