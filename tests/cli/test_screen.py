from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell

LABELLED = Path(__file__).parents[1] / "screening" / "data" / "labelled.jsonl"


@pytest.fixture
def outreach(tmp_path: Path) -> Shell:
    """Screening needs no database: this one's folder is not there."""
    return Shell(tmp_path / "home", f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'never.sqlite'}")


async def test_labelled_texts_are_judged_in_the_shape_of_their_labels(outreach: Shell) -> None:
    texts = {row["id"]: row for row in map(json.loads, LABELLED.read_text(encoding="utf-8").splitlines())}
    result = await outreach("screen", LABELLED, "--json")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == list(texts)
    for answer in answers:
        assert set(answer) == {"id", "verdict", "findings"}
        text = texts[answer["id"]]["text"]
        gravest = {finding["severity"] for finding in answer["findings"]} - {"hint"}
        assert answer["verdict"] == next((one for one in ("block", "redact") if one in gravest), "clean")
        for finding in answer["findings"]:
            assert set(finding) == {"start", "end", "label", "text", "severity", "rule", "advice"}
            assert text[finding["start"] : finding["end"]] == finding["text"]
    assert not outreach.home.exists()


async def test_offsets_are_code_points(outreach: Shell) -> None:
    text = "😀😀 电话13800138000"
    given = json.dumps({"id": 7, "text": text})
    result = await outreach("screen", "-", "--json", stdin=given)
    (answer,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert answer["id"] == 7
    assert [(one["start"], one["end"]) for one in answer["findings"]] == [(5, 16)]


async def test_a_text_file_is_one_text(outreach: Shell, tmp_path: Path) -> None:
    path = tmp_path / "通知.txt"
    path.write_text("机密★20年\n关于某事的通知", encoding="utf-8")
    result = await outreach("screen", path)
    assert result.stdout.splitlines()[0] == "通知.txt: block"
    assert "第1字" in result.stdout


@pytest.mark.parametrize(
    ("line", "id_", "fields"),
    [
        ("not json", None, ["row"]),
        ("[]", None, ["row"]),
        ('{"id": 1}', 1, ["text"]),
        pytest.param('{"id":' * 5000, None, ["row"], id="deep"),
        ('{"id": "1", "text": null}', "1", ["text"]),
        ('{"id": "1", "text": 2}', "1", ["text"]),
        ('{"text": "x"}', None, ["id"]),
        ('{"id": true, "text": null}', None, ["id", "text"]),
    ],
)
async def test_a_line_that_is_no_text_is_told_among_the_answers(
    outreach: Shell, line: str, id_: str | int | None, fields: list[str]
) -> None:
    good = json.dumps({"id": "1", "text": "x"})
    lines = f"{good}\n\n{line}\n{good}"
    result = await outreach("screen", "-", "--json", stdin=lines, fails=1)
    first, bad, last = [json.loads(answer) for answer in result.stdout.splitlines()]
    assert first == last == {"id": "1", "verdict": "clean", "findings": []}
    assert (bad["id"], bad["row"], [error["field"] for error in bad["errors"]]) == (id_, 3, fields)
    told = await outreach("screen", "-", stdin=lines, fails=1)
    assert told.stdout.count("第 3 行") == len(fields)


@pytest.mark.parametrize("sign", ["\u2028", "\u0085", "\u2029", "\x1f"])
async def test_only_a_line_feed_ends_a_line(outreach: Shell, sign: str) -> None:
    text = f"第一段{sign}电话13800138000"
    given = json.dumps({"id": "1", "text": text}, ensure_ascii=sign < " ")
    result = await outreach("screen", "-", "--json", stdin=given)
    (answer,) = [json.loads(line) for line in result.stdout.splitlines()]
    (finding,) = answer["findings"]
    assert text[finding["start"] : finding["end"]] == "13800138000"


async def test_half_a_surrogate_pair_comes_back_as_it_came(outreach: Shell) -> None:
    given = json.dumps({"id": "\ud800", "text": "\udfff 电话13800138000"})
    result = await outreach("screen", "-", "--json", stdin=given)
    answer = json.loads(result.stdout)
    assert (answer["id"], answer["findings"][0]["start"]) == ("\ud800", 4)
    assert "\\ud800" in (await outreach("screen", "-", stdin=given)).stdout


async def test_nothing_in_nothing_out(outreach: Shell) -> None:
    assert (await outreach("screen", "-", "--json", stdin="")).stdout == ""
