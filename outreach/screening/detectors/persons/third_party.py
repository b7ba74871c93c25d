"""Other persons whom a text names: witnesses, residents, patients, payees.

生态环境行政处罚办法 art. 64 hides the names of persons who are not penalised; 政府信息公开条例 art. 15 everybody's
privacy. A role that stands in ordinary sentences (居民, 村民, 司机) counts where the name after it ends clearly.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from outreach.screening.detectors import bank_card, home_address, landline, permit, resident_id
from outreach.screening.detectors.base import Detector, Found, Span, words
from outreach.screening.detectors.persons import encounters
from outreach.screening.detectors.persons.naming import (
    LABEL,
    after_roles,
    all_of,
    before_brackets,
    before_verbs,
    everywhere,
    is_in_public_role,
)
from outreach.screening.detectors.spans import line_around
from outreach.screening.names import name_start
from outreach.screening.severity import Severity

_ROLES: Final = words(
    "证人 目击者 目击证人 居民 村民 住户 业主 邻居 户主 房主 房东 租户 租客 承租人 出租人 患者 病人 伤者 伤员 死者 受害人 被害人 遇难者 家属 亲属"
    " 收款人 领款人 持卡人 领取人 受托人 委托人 代理人 委托代理人 申请人 被询问人 被调查人 询问对象 车主 司机 驾驶员 驾驶人 监护人 发件人 参保人 投保人 养羊户 养牛户 养猪户 养殖业主 种植户 屋主 摊主 店主 机主 牧民 农户 农民 村民代表 居民代表"
    " 被征收人 被拆迁人 拆迁户 搬迁户 贫困户 低保户 特困户 工人 操作工 门卫 签收人 见证人 在场人 紧急联系人 配偶 妻子 丈夫 父亲 母亲 其父 其母 其妻 其夫 其子 其女 同楼的 同村的 户名 开户人 开户名 收件人 推荐人 同行人 随行人员 陪同人 线索人 被采样人 养殖户 个体户 报名人 获奖人 中奖人 捐款人 献血者 报案人 报警人 目击群众 租赁人 承租户 涉事人 陈述人 听证参加人 建议人 溺水者 遇险者 中毒者 看门人 看护人 保洁员 清洁工 牧羊人 羊倌 承包人 承包户 房屋所有人 儿媳 女婿 岳父 岳母 奶奶 爷爷 姥姥 姥爷 老伴 遗属 被抚养人 被监护人 伤亡人员 拾荒者 货车司机 押运员 被帮扶人 结对户 慰问对象 车主信息 意见表填写人 问卷填写人 受偿人 补偿对象 捐赠人 陈述申辩人 学生家长 代收人 代签人 受援人 患儿 店员 女主人 男主人 雇工 工友 牧户 农牧户 看护 看护员 看管人 值守人 值守人员 更夫 库管员 仓管员 库管 保管员 操作员 维修工 电工 焊工 司炉工 锅炉工 装卸工 搬运工 临时工 清洗工 包装工 熔炼工 配料工 拉运人 运输人 收购人 销售人 经营人 实际经营人 环保专员 环保专工 环保员 附近商户 邻近商户 周边住户 周边居民 死亡人员 受伤人员 获救者 落水者 宅基地使用人 地块承包人 草场承包户 草场承包人 土地承包人 挂靠人 实际车主 登记车主"
)
_PRIVATE_COLUMN: Final = re.compile(
    r"身份证|证件号|违法|罚款|奖金|奖励|金额|电话|手机|住址|地址|年龄|性别|银行卡|账号|卡号|户籍|签到|签名|意见|补偿"
)
_OFFICE_COLUMN: Final = re.compile(r"职务|职称|单位|部门|科室|岗位|执法证")
_HEADER: Final = "姓名"
_SELF: Final = "本人"
_RECEIVES: Final = "收"
_AFTER_RECEIVES: Final = re.compile(r"[,。;、( \n|]|$|件人|[0-9]")
_ASKED: Final = words("找 询问 问")
_ABOUT: Final = re.compile(r"(?:核实|了解|作证|取证|面谈|问话|打听|求证|确认)")
_BANK: Final = r"(?:[\u4e00-\u9fff]{0,4}(?:银行|信用社|农商行|储蓄)|[工农中建交]行)?(?:储蓄|借记)?[卡折]?(?:号码?|账号|账户)?"
# Atomic: what one piece took is not tried in other pieces again, of which there would be thousands before a number.
_BETWEEN_NAME_AND_NUMBER: Final = re.compile(
    r"(?>[ \u3000,，、:;(|\t]|男|女|[\u4e00-\u9fff]{1,2}族|[0-9]{1,2}岁|(?:奖金|奖励|补助|补贴|补偿|劳务费?|工资|金额|报酬|退款)?[:]?[0-9.]{1,9}元|[\u4e00-\u9fff]{1,6}国籍|国籍|(?:居民|公民)?身份(?:证|号码)(?:号码?|件)?|证件(?:号码?)?|(?:持|出示)?(?:[\u4e00-\u9fff]{2,8}(?=护照|通行证))?(?:护照|通行证|台胞证|回乡证|军官证|士兵证|驾驶证)(?:号码?)?"
    r"|(?i:passport ?no\.?)|家庭|家中|家里|宅|住宅|座机|(?:固定)?电话|家?住(?:址|所|在)?|现住|户籍(?:地址|所在地|地)?|地址|为|是|"
    + _BANK
    + r"){1,6}$"
)
_LOOK_BACK: Final = 40


def find(text: str, hits: Sequence[Span]) -> Iterable[Span]:
    """证人郝秀英; the column 姓名 of a list of private persons."""
    headers = [hit for hit in hits if text[slice(*hit)] == _HEADER and _is_of_private_persons(text, hit)]
    roles = [hit for hit in hits if text[slice(*hit)] in _ROLES]
    asked = [hit for hit in hits if text[slice(*hit)] in _ASKED]
    found = all_of(
        after_roles(text, [*headers, *roles]),
        before_brackets(text, roles),
        before_verbs(text, asked, _ABOUT),
        _before_self(text, hits),
    )
    return everywhere(text, found)


def _before_self(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    """阿拉坦仓本人; 5排11号,米仓收,…"""
    for at, end in hits:
        word = text[at:end]
        if word == _SELF or (word == _RECEIVES and _AFTER_RECEIVES.match(text, end)):
            start = name_start(text, at)
            if start is not None and (word == _SELF or _IS_APART.match(text, start - 1)):
                yield start, at


def find_beside(text: str, hits: Sequence[Span]) -> Iterable[Span]:
    """Whose identity number, card, passport or home stands directly after the name: 闻人博,身份证…"""
    return everywhere(text, _owners(text, hits))


def _owners(text: str, hits: Sequence[Span]) -> Iterator[Span]:
    for start, _ in hits:
        between = _BETWEEN_NAME_AND_NUMBER.search(text, max(0, start - _LOOK_BACK), start)
        if between and between.end() > between.start():
            begin = name_start(text, between.start())
            if begin is not None and not is_in_public_role(text, begin):
                yield begin, between.start()


def _is_of_private_persons(text: str, hit: Span) -> bool:
    begin, end = line_around(text, hit)
    return bool(_PRIVATE_COLUMN.search(text, begin, end)) and not _OFFICE_COLUMN.search(text, begin, end)


def _detector(
    name: str,
    title: str,
    trigger: frozenset[str] | Found,
    find: Callable[[str, Sequence[Span]], Iterable[Span]],
) -> Detector:
    return Detector(
        name=name,
        title=title,
        label=LABEL,
        severity=Severity.REDACT,
        advice="隐去该人姓名，如改为“郝某某”；与公开事项无关的人员信息不公开。",
        basis="《生态环境行政处罚办法》信息公开一节；《中华人民共和国政府信息公开条例》第十五条（个人隐私）",
        trigger=trigger,
        find=find,
    )


_IS_APART: Final = re.compile(r"[^\u4e00-\u9fff]")
_PRIVATE_NUMBERS: Final = Found(
    frozenset({resident_id.LABEL, bank_card.LABEL, permit.LABEL, landline.LABEL, home_address.LABEL})
)
DETECTORS: Final = (
    _detector("third_party", "第三人的姓名：有称谓", _ROLES | _ASKED | {_HEADER, _SELF, _RECEIVES}, find),
    _detector(
        "third_party_statement",
        "第三人的姓名：有笔录、证言",
        encounters.STATEMENTS,
        encounters.find_statements,
    ),
    _detector("third_party_visited", "第三人的姓名：走访、慰问", encounters.VISITS, encounters.find_visited),
    _detector("third_party_beside", "第三人的姓名：与个人号码同在一处", _PRIVATE_NUMBERS, find_beside),
)
