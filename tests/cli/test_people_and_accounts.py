from __future__ import annotations

import json

from outreach.people.model import Person, Role
from outreach.people.passwords import Passwords
from outreach.people.queries import people
from outreach.people.service import people_of_tokens
from tests.builders import DEMO_ACCOUNTS
from tests.channels.office import closed_port_url
from tests.cli.conftest import Shell

WECHAT = json.dumps(DEMO_ACCOUNTS[0]["credentials"])
WEIBO = json.dumps(DEMO_ACCOUNTS[1]["credentials"])


async def everybody(outreach: Shell) -> list[Person]:
    office = outreach.office()
    async with office.db.read() as session:
        found = list(await people(session))
    await office.close()
    return found


async def test_a_user_gets_a_one_time_password(outreach: Shell) -> None:
    result = await outreach("user", "add", "李科长", "--role", "section_head", "--role", "signatory")
    (password,) = result.stdout.splitlines()
    (person,) = await everybody(outreach)
    assert (person.name, person.roles) == ("李科长", {Role.SECTION_HEAD, Role.SIGNATORY})
    assert person.must_change_password
    assert person.section_ids is None
    assert await Passwords().matches(person.password_hash, password)


async def test_a_password_from_standard_input_need_not_be_changed(outreach: Shell) -> None:
    result = await outreach(
        "user", "add", "系统", "--role", "admin", "--password-stdin", stdin="一个好密码\n"
    )
    assert result.stdout == ""
    (person,) = await everybody(outreach)
    assert not person.must_change_password
    assert await Passwords().matches(person.password_hash, "一个好密码")


async def test_a_password_that_is_no_text_is_refused(outreach: Shell) -> None:
    await outreach("db", "upgrade")
    await outreach("user", "add", "系统", "--role", "admin", "--password-stdin", stdin=b"\xff\xfe\n", fails=2)
    assert await everybody(outreach) == []


async def test_a_user_may_belong_to_some_sections(outreach: Shell) -> None:
    await outreach.fill_sections("法规科", "监测科", "宣教科")
    await outreach("user", "add", "赵", "--role", "editor", "--section", "法规科", "--section", "监测科")
    (person,) = await everybody(outreach)
    assert len(person.section_ids or ()) == 2
    refused = await outreach("user", "add", "钱", "--role", "editor", "--section", "没有的科", fails=1)
    assert "没有的科" in refused.stderr


async def test_a_name_is_taken_once(outreach: Shell) -> None:
    await outreach("user", "add", "孙", "--role", "editor")
    refused = await outreach("user", "add", "孙", "--role", "editor", fails=1)
    assert "已被使用" in refused.stderr
    assert len(await everybody(outreach)) == 1


async def test_a_token_stands_alone_on_the_last_line_and_acts_as_its_user(outreach: Shell) -> None:
    await outreach("user", "add", "周", "--role", "editor")
    token = (await outreach("token", "周")).stdout.splitlines()[-1]
    office = outreach.office()
    async with office.db.read() as session:
        (person,) = await people_of_tokens(session, [token])
        assert person is not None and person.name == "周"
    await office.close()
    assert "没有" in (await outreach("token", "吴", fails=1)).stderr


async def test_sections_are_added_once_and_listed(outreach: Shell) -> None:
    await outreach.fill_sections("法规科", "监测科")
    listed = (await outreach("section", "list")).stdout.splitlines()
    assert sorted(line.split("\t")[1] for line in listed) == ["法规科", "监测科"]
    assert "已经存在" in (await outreach("section", "add", "法规科", fails=1)).stderr


async def test_accounts_are_added_from_standard_input_and_listed_without_credentials(outreach: Shell) -> None:
    added = await outreach(
        "account", "add", "--channel", "wechat", "--name", "乌兰察布生态环境", "--type", "service", "--verified", stdin=WECHAT
    )  # fmt: skip
    await outreach("account", "add", "--channel", "weibo", "--name", "乌兰察布微博", stdin=WEIBO)
    listed = (await outreach("account", "list")).stdout
    first, second = listed.splitlines()
    assert first.split("\t")[:5] == [
        added.stdout.strip(), "微信公众号", "乌兰察布生态环境", "服务号", "可直接发布",
    ]  # fmt: skip
    assert second.split("\t")[1:3] == ["微博", "乌兰察布微博"]
    for secret in (*DEMO_ACCOUNTS[0]["credentials"].values(), *DEMO_ACCOUNTS[1]["credentials"].values()):
        assert secret not in listed


async def test_credentials_that_are_none_are_refused(outreach: Shell) -> None:
    wechat = ["account", "add", "--channel", "wechat", "--name", "x", "--type", "service"]
    await outreach(*wechat, stdin="not json", fails=2)
    await outreach(*wechat, stdin="[]", fails=2)
    await outreach(*wechat, stdin=b"\xff", fails=2)
    await outreach(*wechat, stdin="[" * 5000, fails=2)
    complete = json.loads(WECHAT)
    for wrong in (
        {"secret": ["s"]},
        {"secret": True},
        {"token": "\ud800"},
        {"token": "a b"},
        {"appid": "字"},
    ):
        refused = await outreach(*wechat, stdin=json.dumps(complete | wrong), fails=1)
        assert set(wrong) == {line.split(":")[0].strip() for line in refused.stderr.splitlines()[1:]}
    weibo = ["account", "add", "--channel", "weibo", "--name", "x"]
    refused = await outreach(*weibo, stdin=json.dumps(json.loads(WEIBO) | {"rip": "here"}), fails=1)
    assert "rip" in refused.stderr
    incomplete = await outreach(*wechat, stdin='{"appid": "wx14ea0ad7a56ed6bc"}', fails=1)
    assert "secret" in incomplete.stderr
    assert (await outreach("account", "list")).stdout == ""


async def test_checking_tells_for_each_account_what_is_wrong(outreach: Shell) -> None:
    nowhere = closed_port_url()
    outreach.environment |= {"OUTREACH_WECHAT_BASE_URL": nowhere, "OUTREACH_WEIBO_BASE_URL": nowhere}
    await outreach("account", "check")
    await outreach("account", "add", "--channel", "weibo", "--name", "乌兰察布微博", stdin=WEIBO)
    result = await outreach("account", "check", fails=1)
    assert "乌兰察布微博" in result.stdout
    assert "无法连接" in result.stdout
    assert "不通过 授权：" in result.stdout
    assert "未检查 读取微博：" in result.stdout
