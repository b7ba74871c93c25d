"""How a sheet is filled in, said in a comment on each column and in a sheet of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from outreach.items.exporting.columns import fields_of, header_of, is_required
from outreach.items.kinds.air_quality import CONCENTRATION_KEYS
from outreach.items.labels import KIND_LABELS, FormField
from outreach.items.model import Kind

GUIDE_RULES: Final = (
    "每类信息一张工作表，每条信息一行。第一行的列名不要改动，也不要在上面插入标题；橙色的列必填。",
    "数据行不要合并单元格。不需要的列可以留空或删去，不需要的工作表可以删去。",
    "来源编号是您自己的编号，每条不同；同一编号再次导入不会重复，也不会改动已有的信息。",
    "日期、金额和代码按列的格式填写。金额和浓度只填数字，不带单位、千分位和百分号。",
    "以 = + - @ 开头、又确实是文字的内容，前面加一个英文单引号（'），导入时会去掉。",
    "需要另加内容时，在右边加一列，列名写成“附加:名称”，例如 附加:监督电话。",
    "填好后在“信息”→“导入”上传。可以先选“只检查，不保存”，有误的行会逐行逐列指出。",
)
GUIDE_HEADING: Final = ("工作表", "列名", "是否必填", "怎样填写")
_HOW: Final[Mapping[str, str]] = {
    "text": "文字",
    "textarea": "文字，可以换行",
    "number": "数字",
    "date": "日期，例如 2026-03-01",
    "datetime": "日期或时间，例如 2026-06-05 09:30",
}
_EXAMPLES: Final[Mapping[str, str]] = {
    "source_id": "例如 2026-法规-001",
    "attachments": "例如 批复.pdf；报告表.pdf",
    "stated": '例如 {"aqi": 62, "level": 2, "category": "良", "primary": ["PM10"]}',
    "forecast": '例如 [{"date": "2026-03-02", "area": "集宁区", "category": "良至轻度污染"}]',
    "warning": '例如 {"level": "黄色", "starts_at": "2026-01-10T12:00", "ends_at": "2026-01-12", "forecast_aqi": [165, 218], "authority_document": "乌政办发〔2026〕3号"}',
}


def comment_on(field: FormField, kind: Kind) -> str:
    """What the comment on a column says."""
    return f"{'必填' if is_required(field) else '选填'}。{_how(field, kind)}"


def guide_rows(kinds: Sequence[Kind]) -> Iterator[tuple[str, ...]]:
    """What is said of each column of these kinds, below `GUIDE_HEADING`."""
    for kind in kinds:
        for field in fields_of(kind):
            needed = "必填" if is_required(field) else "选填"
            yield KIND_LABELS[kind], header_of(kind, field), needed, _how(field, kind)


def _how(field: FormField, kind: Kind) -> str:
    if field.name == "kind":
        return f"填“{KIND_LABELS[kind]}”。"
    said = [_form_of(field), field.hint, _EXAMPLES.get(field.name, "")]
    return "；".join(part for part in said if part) + "。"


def _form_of(field: FormField) -> str:
    if field.name == "section":
        return "从下拉列表中选择"
    if field.choices:
        return "从下拉列表中选择：" + "、".join(label for _, label in field.choices)
    if field.type == "json":
        return "JSON，写在一格里"
    unit = f"，单位为{field.unit}" if field.unit else ""
    missing = "，没有测到的填“缺测”" if field.name in CONCENTRATION_KEYS else ""
    label = f"{field.label}：" if field.name in CONCENTRATION_KEYS else ""
    return f"{label}{_HOW[field.type]}{unit}{missing}"
