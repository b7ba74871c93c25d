from __future__ import annotations

from typing import Any

import pytest

from .platform import Platform, amr

CREATE = "/cgi-bin/menu/create"
CLICK = {"type": "click", "name": "空气", "key": "air"}


def _below(**button: Any) -> dict[str, Any]:
    return {"button": [{"name": "公开", "sub_button": [{**CLICK, **button}]}]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 40016),
        ({"menu": {"button": [CLICK]}}, 40016),
        ({"button": ["空气"]}, 47001),
        ({"button": [{**CLICK, "type": "call"}]}, 40015),
        ({"button": [{"name": "空气"}]}, 40015),
        ({"button": [{**CLICK, "name": ""}]}, 40018),
        ({"button": [{**CLICK, "key": ""}]}, 40019),
        ({"button": [{"type": "view", "name": "公示", "url": ""}]}, 40016),
        ({"button": [{"type": "view", "name": "公示", "url": "sthjj.example.cn"}]}, 40020),
        ({"button": [{"type": "miniprogram", "name": "办事", "url": "https://e.cn"}]}, 40013),
        ({"button": [{"type": "media_id", "name": "图", "media_id": "x"}]}, 40007),
        ({"button": [{"type": "article_id", "name": "文", "article_id": "x"}]}, 53600),
        (_below(type="call"), 40024),
        (_below(name=""), 40025),
        (_below(key=""), 40026),
        (_below(type="view", url="ftp://e.cn"), 40027),
        (_below(sub_button=[CLICK]), 40022),
    ],
)
async def test_what_is_wrong_with_a_menu_has_a_code_and_leaves_the_old_one(
    sandbox: Platform, body: dict[str, Any], code: int
) -> None:
    assert await sandbox.code(CREATE, {"button": [CLICK]}) == 0
    assert await sandbox.code(CREATE, body) == code
    kept = await sandbox.query("/cgi-bin/menu/get")
    assert kept == {"menu": {"button": [{**CLICK, "sub_button": []}]}}


async def test_every_kind_of_button_can_be_made(sandbox: Platform) -> None:
    voice = await sandbox.upload("/cgi-bin/material/add_material", amr(9), "a.amr", type="voice")
    article_id = (await sandbox.finished(await sandbox.submit()))["article_id"]
    mini = {"type": "miniprogram", "url": "https://e.cn", "appid": "wx1", "pagepath": "index"}
    with_key = [
        {**CLICK, "type": kind} for kind in ("click", "scancode_push", "pic_weixin", "location_select")
    ]
    others = [
        {"type": "view", "url": "https://sthjj.example.cn"},
        {"type": "media_id", "media_id": voice["media_id"]},
        {"type": "article_id", "article_id": article_id},
        {"type": "article_view_limited", "article_id": article_id},
        mini,
    ]
    buttons = [
        {"name": "一", "sub_button": with_key},
        {"name": "二", "sub_button": [{"name": "按钮", **other} for other in others]},
    ]
    assert await sandbox.code(CREATE, {"button": buttons}) == 0
    assert await sandbox.code("/cgi-bin/material/del_material", {"media_id": voice["media_id"]}) == 48005


async def test_without_a_menu_there_is_none(sandbox: Platform) -> None:
    assert (await sandbox.query("/cgi-bin/menu/get"))["errcode"] == 46003
    assert await sandbox.query("/cgi-bin/get_current_selfmenu_info") == {
        "is_menu_open": 0,
        "selfmenu_info": {"button": []},
    }
    assert (await sandbox.query("/cgi-bin/menu/delete"))["errcode"] == 0


async def test_menus_are_for_service_and_for_verified_accounts(sandbox: Platform) -> None:
    await sandbox.act_as(type="service", verified=False)
    assert await sandbox.code(CREATE, {"button": [CLICK]}) == 0
    await sandbox.act_as(type="subscription", verified=False)
    assert await sandbox.code(CREATE, {"button": [CLICK]}) == 48001
