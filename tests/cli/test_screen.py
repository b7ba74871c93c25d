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
    assert answer["id"] == "7"
    assert [(one["start"], one["end"]) for one in answer["findings"]] == [(5, 16)]


async def test_a_text_file_is_one_text(outreach: Shell, tmp_path: Path) -> None:
    path = tmp_path / "通知.txt"
    path.write_text("机密★20年\n关于某事的通知", encoding="utf-8")
    result = await outreach("screen", path)
    assert result.stdout.splitlines()[0] == "通知.txt: block"
    assert "第1字" in result.stdout


@pytest.mark.parametrize("line", ["not json", "[]", '{"id": 1}', '{"text": "x"}'])
async def test_a_line_that_is_no_text_is_wrong_use(outreach: Shell, line: str) -> None:
    good = json.dumps({"id": "1", "text": "x"})
    result = await outreach("screen", "-", stdin=f"{good}\n{line}", fails=2)
    assert "2" in result.stderr


async def test_nothing_in_nothing_out(outreach: Shell) -> None:
    assert (await outreach("screen", "-", "--json", stdin="")).stdout == ""
