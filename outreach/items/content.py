"""One item as it is typed: in the API, a line of JSON, a row of a table or a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import (
    AfterValidator,
    Field,
    SerializeAsAny,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from outreach.foundation.addresses import is_web_address
from outreach.foundation.problems import InvalidContent
from outreach.items.files import name_problem
from outreach.items.kinds import FIELDS, KindFields
from outreach.items.kinds.messages import REQUIRED, field_errors, shape_at, unknown_name
from outreach.items.kinds.shape import Day, Input, Shape, many_lines, mend, one_line
from outreach.items.model import Kind

MAX_TITLE: Final = 64
MAX_SHORT_TITLE: Final = 32
MAX_BODY: Final = 100_000
MAX_ATTACHMENTS: Final = 10


def _body(text: str) -> str:
    """Blank lines around the text go; an indent of the first line, common in Chinese texts, stays."""
    lines = many_lines(text).rstrip().split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    return "\n".join(lines[first:])


def _web_address(text: str) -> str:
    if not is_web_address(text):
        raise mend("请填写以 http:// 或 https:// 开头的完整网址。")
    return text


def _file_name(name: str) -> str:
    problem = name_problem(name)
    if problem:
        raise mend(problem)
    return name


Text64 = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=64),
    AfterValidator(one_line),
    Input("text"),
]
ShortTitle = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=MAX_SHORT_TITLE),
    AfterValidator(one_line),
    Input("text"),
]
SourceName = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=128),
    AfterValidator(one_line),
    Input("text"),
]
WebAddress = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=1024),
    AfterValidator(one_line),
    AfterValidator(_web_address),
    Input("text"),
]
Body = Annotated[
    str, StringConstraints(strict=True, max_length=MAX_BODY), AfterValidator(_body), Input("textarea")
]
FileName = Annotated[
    str, StringConstraints(strict=True, strip_whitespace=True, max_length=1000), AfterValidator(_file_name)
]


class Content(Shape):
    """What an item says, before it has a state. `formed_on` None is today; `fields` are those of `kind`."""

    source_id: Text64 | None = Field(None, title="来源编号")
    kind: Kind = Field(title="类别")
    title: Text64 = Field(title="标题")
    short_title: ShortTitle | None = Field(
        None, title="短标题", description="标题超过32字且要发微信时填写，最多32字"
    )
    section: Text64 = Field(title="科室")
    origin: Literal["original", "repost"] = Field("original", title="来源类型")
    repost_source: SourceName | None = Field(None, title="转载来源", description="转载必填")
    repost_url: WebAddress | None = Field(None, title="转载链接", description="只用于转载")
    corrects: Text64 | None = Field(None, title="更正", description="被更正的已发布信息的来源编号或编号")
    formed_on: Day | None = Field(None, title="形成日期", description="不填为今天；法定期限由此起算")
    body: Body = Field("", title="正文", description="留空时按类别的模板生成")
    attachments: list[FileName] = Field(
        default_factory=list, title="附件", max_length=MAX_ATTACHMENTS, description="多个文件名以；分隔"
    )
    fields: SerializeAsAny[KindFields] = Field(title="专有字段")

    defaults: ClassVar[Mapping[str, Any]] = {"origin": "original", "body": "", "attachments": []}
    """What stands for 'not known' where None would not do."""

    def as_json(self) -> dict[str, Any]:
        """The plain JSON shape: every name of an item; of `fields` what was given, as it was given."""
        return {
            **self.model_dump(mode="json", exclude={"fields"}),
            "fields": self.fields.as_json(),
        }

    @field_validator("source_id")
    @classmethod
    def _is_numbered_where_it_must(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and (info.context or {}).get("source_id_required"):
            raise mend("导入的每一行都要有来源编号，请填写。")
        return value

    @field_validator("origin", "body", "attachments", mode="before")
    @classmethod
    def _not_known_is_the_default(cls, value: Any, info: ValidationInfo) -> Any:
        return cls.defaults[str(info.field_name)] if value is None else value

    @field_validator("repost_source")
    @classmethod
    def _names_what_is_reposted(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("origin") == "repost":
            raise mend("转载的信息请填写转载来源。")
        return _only_for_reposts(value, info)

    @field_validator("repost_url")
    @classmethod
    def _links_what_is_reposted(cls, value: str | None, info: ValidationInfo) -> str | None:
        return _only_for_reposts(value, info)

    @field_validator("attachments")
    @classmethod
    def _are_all_different(cls, names: list[str]) -> list[str]:
        twice = next((name for number, name in enumerate(names) if name in names[:number]), None)
        if twice is not None:
            raise mend(f"附件“{twice}”写了两次，请删去一个或改名。")
        return names

    @field_validator("fields", mode="plain")
    @classmethod
    def _are_those_of_the_kind(cls, value: Any, info: ValidationInfo) -> KindFields:
        """Where the kind itself is wrong, that alone is told: nobody knows which fields would be right."""
        kind = info.data.get("kind")
        if kind is None:
            return KindFields()
        if value is None:
            raise mend(REQUIRED)
        return FIELDS[kind].model_validate(value)


def read_content(raw: Mapping[str, Any], *, source_id_required: bool = False) -> Content:
    """Reads an item as somebody typed it. `source_id_required` holds for imports.

    Raises InvalidContent with every error at once: each with the dotted name of its field
    (`fields.amount_yuan`) and a Chinese sentence that says what to mend.
    """
    try:
        return Content.model_validate(raw, context={"source_id_required": source_id_required})
    except ValidationError as error:
        details = error.errors(include_url=False)
    errors = field_errors(details, lambda location: _unknown_name(location, raw))
    raise InvalidContent(f"内容有 {len(errors)} 处需要修改。", errors=errors)


def known_kind(value: Any) -> Kind | None:
    """The kind of that name, None where there is none."""
    return Kind(value) if isinstance(value, str) and value in set(Kind) else None


def _unknown_name(location: tuple[str | int, ...], raw: Mapping[str, Any]) -> str:
    """What to do about a name that no shape knows at its place: move it, or mend its spelling."""
    name = str(location[-1])
    kind = known_kind(raw.get("kind"))
    own = FIELDS[kind] if kind else KindFields
    if len(location) == 1:
        if name in own.model_fields:
            return f"“{name}”是专有字段，应写在 fields 里面。"
        return unknown_name(name, Content.model_fields)
    if len(location) == 2 and name in Content.model_fields:
        return f"“{name}”是各类信息共有的，应写在 fields 外面。"
    return unknown_name(name, shape_at(own, location[1:]).model_fields)


def _only_for_reposts(value: str | None, info: ValidationInfo) -> str | None:
    if value is not None and info.data.get("origin") == "original":
        raise mend("只有转载的信息才填转载来源和链接。请清空，或把来源类型改为转载。")
    return value
