"""Which record of the file is meant, and whether it is one of that year."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NoReturn, TypeAlias

from outreach.foundation.problems import invalid

Record: TypeAlias = Mapping[str, Any]

_PARTS_OF_A_YEAR: Final = ("quarter", "month")


def record_in(content: str, year: int, bureau: str | None) -> Record:
    """The record of the whole file that is meant: its `seed`, or the bureau of that name; or the only one there is.

    Raises InvalidContent: no JSON, no such bureau, another year's record, or one of a part of a year.
    """
    record = _chosen(_parsed(content), bureau)
    _require_year(record, year)
    return record


def _parsed(content: str) -> Any:
    try:
        return json.loads(
            content, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_without_twice
        )
    except RecursionError as error:
        raise invalid("file", "文件嵌套过深，不是年度数字的文件。") from error
    except json.JSONDecodeError as error:
        told = f"文件不是正确的 JSON：第 {error.lineno} 行第 {error.colno} 列有误。"
        raise invalid("file", told) from error
    except ValueError as error:
        raise invalid("file", f"文件不是正确的 JSON：{error}。") from error


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"“{name}”不是数")


def _without_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    for name, value in pairs:
        if found[name] != value:
            raise ValueError(f"“{name}”写了两次，而且不一致")
    return found


def _chosen(document: Any, bureau: str | None) -> Record:
    if not isinstance(document, dict):
        raise invalid("file", "文件应是一个 JSON 对象：整个文件，或其中一个单位的记录。")
    is_whole = "seed" in document or "other_bureaus" in document
    records = _records(document) if is_whole else [document]
    if bureau is None:
        own = document.get("seed") if is_whole else document
        if not isinstance(own, dict):
            raise invalid("file", "文件里没有 seed。要导入其中一个单位的，请用 --bureau 写明单位名称。")
        return own
    named = [one for one in records if one.get("bureau") == bureau.strip()] or [
        one for one in records if bureau.strip() and bureau.strip() in str(one.get("bureau"))
    ]
    if len(named) != 1:
        names = "、".join(str(one.get("bureau")) for one in records)
        raise invalid("bureau", f"文件里没有找到唯一的“{bureau}”。有：{names}。")
    return named[0]


def _records(document: Record) -> list[Record]:
    others = document.get("other_bureaus")
    listed = [document.get("seed"), *(others if isinstance(others, list) else [])]
    return [one for one in listed if isinstance(one, dict)]


def _require_year(record: Record, year: int) -> None:
    name = record.get("bureau")
    if not isinstance(name, str) or not name.strip():
        raise invalid("bureau", "记录里没有单位名称（bureau）。")
    for part in _PARTS_OF_A_YEAR:
        if record.get(part) is not None:
            raise invalid(part, f"“{name}”的记录不是全年的（{part}：{record[part]}），不能作为年度数字导入。")
    its_year = record.get("year")
    if isinstance(its_year, bool) or its_year != year:
        raise invalid("year", f"“{name}”的记录是{its_year}年的，不是{year}年的，没有导入。")
    period = record.get("period")
    if period is not None and period != [f"{year}-01-01", f"{year}-12-31"]:
        raise invalid("period", f"“{name}”的记录的统计期限不是{year}年全年，没有导入。")
