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


NO_TEXTS = {
    "not json": None, "[]": None, '{"id": 1}': 1, '{"text": "x"}': None, '{"id": "2", "text": null}': "2",
    '{"id": "2", "text": 5}': "2", '{"id":' * 5000: None,
}  # fmt: skip


@pytest.mark.parametrize(("line", "name"), NO_TEXTS.items(), ids=lambda value: str(value)[:20])
async def test_a_line_that_is_no_text_is_answered_and_never_clean(
    outreach: Shell, line: str, name: object
) -> None:
    good = json.dumps({"id": "1", "text": "x"})
    result = await outreach("screen", "-", "--json", stdin=f"{good}\n{line}\n{good}", fails=1)
    first, answer, last = [json.loads(line) for line in result.stdout.splitlines()]
    assert first == last == {"id": "1", "verdict": "clean", "findings": []}
    assert (answer["id"], answer["verdict"], answer["findings"]) == (name, None, [])
    assert "第 2 行" in answer["error"]
    told = await outreach("screen", "-", stdin=f"{good}\n{line}\n{good}", fails=1)
    assert (told.stdout, "第 2 行" in told.stderr) == ("1: clean\n1: clean\n", True)


async def test_any_sign_may_stand_in_a_text_or_an_id(outreach: Shell) -> None:
    texts = {"\ud800": "机密★1年\udfff", "行": "一\u2028二\x85三\u2029四", "零": "\x00"}
    rows = [json.dumps({"id": name, "text": text}) for name, text in texts.items()]
    rows.append('{"id": "原样", "text": "一\u2028二"}')
    result = await outreach("screen", "-", "--json", stdin="\n".join(rows))
    answers = [json.loads(line) for line in result.stdout.removesuffix("\n").split("\n")]
    assert [answer["id"] for answer in answers] == [*texts, "原样"]
    assert [answer["verdict"] for answer in answers] == ["block", "clean", "clean", "clean"]


async def test_nothing_in_nothing_out(outreach: Shell) -> None:
    assert (await outreach("screen", "-", "--json", stdin="")).stdout == ""
