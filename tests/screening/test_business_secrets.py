"""Recipes, prices and partners of enterprises, declared secret or not; and figures that are public."""

import pytest

from outreach.screening.rules import screen

SECRETS = {
    "混捏配方为石油焦71.5份、改质沥青22份、硼系催化剂0.8份，该技术未公开。": "混捏配方为石油焦71.5份、改质沥青22份、硼系催化剂0.8份",
    "当事人供述，涂料配方是树脂40份、颜填料35份、溶剂25份，搅拌温度60℃。": "涂料配方是树脂40份、颜填料35份、溶剂25份，搅拌温度60℃",
    "主要客户为唐山国丰、首钢京唐，硅铁销售单价6850元/吨，账期60天。": "主要客户为唐山国丰、首钢京唐，硅铁销售单价6850元/吨，账期60天",
    "该工艺属我公司独有技术，参数如下：一段温度162℃，二段185℃。": "一段温度162℃，二段185℃",
    "来函说明其中“预鞣液用改性戊二醛4.5%，末段补0.6%小苏打提碱”为未公开的专有技术。": "预鞣液用改性戊二醛4.5%，末段补0.6%小苏打提碱",
    "添加剂F-3由木质素磺酸钙35%、柠檬酸22%、水43%制成，供方要求保密。": "添加剂F-3由木质素磺酸钙35%、柠檬酸22%、水43%制成",
}

PUBLIC = [
    "公开本中删去了第3.4节的原料配比，上述内容属于本公司商业秘密。",
    "涉及商业秘密的原料配比、反应条件已以“略”代替，附件中的自然人身份信息已涂盖。",
    "边坡喷播草种配比为披碱草40%、冰草30%、苜蓿30%。",
    "混合肥配方：氮15%、磷10%、钾20%，适宜当地土壤。",
    "餐厨垃圾组成配比为水分78%、有机质18%、其他4%。",
    "资金配比为中央40%、自治区30%、地方30%。",
    "灰渣成分为SiO2 54%、Al2O3 23%、CaO 8%。",
    "成交供应商为乌兰察布市印象文化传媒有限公司，成交价39800元。",
    "供热价格每平方米23元，供应商为乌兰察布热力公司，热价不变。",
    "产品主要销往河北唐山、天津，年产值3亿元。",
    "原辅材料消耗：石灰石12万吨/年，煤0.8万吨/年，电320万kWh。",
]


@pytest.mark.parametrize(("text", "secret"), SECRETS.items())
def test_a_secret_is_found(text: str, secret: str) -> None:
    (match,) = screen(text)
    assert (match.label, match.text) == ("trade_secret", secret)


@pytest.mark.parametrize("text", PUBLIC)
def test_public_figures_pass(text: str) -> None:
    assert screen(text) == []
