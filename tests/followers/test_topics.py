"""Topics: their names, what words mean, what a publication belongs to."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from outreach.followers.model import Topic
from outreach.followers.topics.counties import read_region
from outreach.followers.topics.facts import Facts, facts_of
from outreach.followers.topics.queries import matching_topics, region, wish_of
from outreach.followers.topics.rules import Wish, checked, name_of
from outreach.followers.topics.wording import named_in, words_in
from outreach.foundation.database import Database
from outreach.foundation.office_settings import OfficeSettings
from outreach.foundation.problems import InvalidContent
from outreach.items.model import Kind
from tests.builders import OfficeStory
from tests.followers.builders import follower
from tests.items.builders import item

SETTINGS = OfficeSettings.model_validate({})
ULANQAB = read_region(SETTINGS.city, SETTINGS.counties)
AIR, EIA, PENALTY, EVENT = Kind.AIR_QUALITY, Kind.EIA_NOTICE, Kind.PENALTY, Kind.EVENT


@pytest.mark.parametrize(
    ("words", "wishes"),
    [
        ("空气 集宁", [Wish(AIR, "集宁区")]),
        ("空氣質量　集寧", [Wish(AIR, "集宁区")]),
        ("空 气 集 宁", [Wish(AIR, "集宁区")]),
        ("ＡＱＩ＞１５０ 集宁", [Wish(AIR, "集宁区", aqi_above=150)]),
        ("集宁空气质量重度污染以上", [Wish(AIR, "集宁区", aqi_above=200)]),
        ("空气超过120", [Wish(AIR, aqi_above=100)]),
        ("项目丰镇", [Wish(EIA, "丰镇市")]),
        ("处罚 前旗、四子王", [Wish(PENALTY, "察右前旗"), Wish(PENALTY, "四子王旗")]),
        ("空气和处罚", [Wish(AIR), Wish(PENALTY)]),
        ("处罚 集宁区禾川供热", [Wish(PENALTY, enterprise="集宁区禾川供热")]),
        ("禾川供热有限公司", [Wish(EIA, enterprise="禾川供热有限公司"), Wish(PENALTY, enterprise="禾川供热有限公司")]),
        ("乌兰察布市活动", [Wish(EVENT)]),
        ("兴和", [Wish(kind, "兴和县") for kind in Kind]),
    ],
)  # fmt: skip
def test_words_name_topics(words: str, wishes: list[Wish]) -> None:
    assert named_in(words_in(words), ULANQAB).wishes() == wishes


@pytest.mark.parametrize(
    ("wish", "name"),
    [
        (Wish(AIR, "集宁区", aqi_above=200), "集宁区空气质量（重度污染及以上）"),
        (Wish(EIA), "全市环评公示"),
        (Wish(PENALTY, enterprise="禾川供热"), "禾川供热的行政处罚"),
    ],
)
def test_a_topic_has_a_name(wish: Wish, name: str) -> None:
    assert name_of(wish) == name


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (Wish(EVENT, enterprise="禾川供热"), "enterprise"),
        (Wish(PENALTY, enterprise="有限公司"), "enterprise"),
        (Wish(PENALTY, enterprise="100%_一切"), "enterprise"),
        (Wish(PENALTY, aqi_above=100), "aqi_above"),
        (Wish(AIR, aqi_above=120), "aqi_above"),
    ],
)
def test_there_is_no_such_topic(wish: Wish, field: str) -> None:
    with pytest.raises(InvalidContent) as caught:
        checked(wish)
    assert [error.field for error in caught.value.errors] == [field]


@pytest.mark.parametrize(
    ("kind", "changes", "facts"),
    [
        ("eia_notice", {"fields": {"location": "丰镇市循环经济开发区", "builder": "丰电 （集团）公司", "project_name": "炉"}},
         Facts(EIA, ("丰镇市",), enterprises=("丰电（集团）公司", "炉"))),
        ("eia_notice", {"fields": {"location": "鄂托克前旗上海庙镇", "builder": ..., "project_name": "路"}, "title": "路", "section": "审批科"},
         Facts(EIA, enterprises=("路",))),
        ("penalty", {"fields": {"party": "某某厂", "party_kind": "企业"}, "title": "处罚", "section": "兴和县分局"},
         Facts(PENALTY, ("兴和县",), enterprises=("某某厂",))),
        ("penalty", {"fields": {"party": "集宁李某", "party_kind": "自然人"}}, Facts(PENALTY, ("集宁区",))),
        ("air_quality", {"fields": {"area": "集宁城区、察哈尔右翼前旗", "period": "monthly"}}, Facts(AIR, ("集宁区", "察右前旗"))),
        ("air_quality", {"fields": {"area": "乌兰察布市", "period": "warning", "warning": {"forecast_aqi": [165, 218]}}},
         Facts(AIR, is_citywide=True, aqi=218)),
        ("air_quality", {"fields": {"area": "中西部", "period": "forecast", "forecast": [
            {"date": "2026-11-25", "area": "集宁", "category": "良至轻度污染"}, {"date": "2026-11-26", "area": "集宁", "category": "优"}]}},
         Facts(AIR, ("集宁区",), aqi=101)),
        ("event", {"fields": {"place": "乌兰察布市广场"}}, Facts(EVENT, is_citywide=True)),
    ],
)  # fmt: skip
def test_an_item_tells_what_it_is_about(kind: str, changes: dict[str, object], facts: Facts) -> None:
    assert facts_of(item(kind, **changes), ULANQAB) == facts


async def test_a_publication_belongs_to_the_topics_that_its_facts_match(
    db: Database, story: OfficeStory
) -> None:
    someone = await follower(
        story,
        "oReader",
        *(Wish(AIR), Wish(AIR, "集宁区"), Wish(AIR, "集宁区", aqi_above=100), Wish(AIR, "丰镇市", aqi_above=200)),
        *(Wish(PENALTY, "集宁区"), Wish(PENALTY, enterprise="禾川供热"), Wish(PENALTY, "丰镇市", "禾川供热")),
    )  # fmt: skip
    cases = [
        (Facts(AIR, ("集宁区",), aqi=100), {"全市空气质量", "集宁区空气质量"}),
        (Facts(AIR, ("集宁区",), aqi=101), {"全市空气质量", "集宁区空气质量", "集宁区空气质量（轻度污染及以上）"}),
        (Facts(AIR, is_citywide=True, aqi=218),
         {"全市空气质量", "集宁区空气质量", "集宁区空气质量（轻度污染及以上）", "丰镇市空气质量（重度污染及以上）"}),
        (Facts(AIR, ("兴和县",)), {"全市空气质量"}),
        (Facts(PENALTY, ("集宁区",), enterprises=("集宁区禾川供热有限公司",)), {"集宁区行政处罚", "禾川供热的行政处罚"}),
        (Facts(PENALTY), set()),
    ]  # fmt: skip
    async with db.read() as session:
        assert (await region(session)).counties == ULANQAB.counties
        names = {topic.id: name_of(wish_of(topic)) for topic in await session.scalars(select(Topic))}
        for facts, expected in cases:
            found = await matching_topics(session, someone.account_id, facts)
            assert {names[one] for one in found} == expected, facts
        assert await matching_topics(session, "another account", cases[0][0]) == []
