"""The screening engine: how much it finds, and how fast, beside others that look through the same texts."""

from __future__ import annotations

import json
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from importlib.util import find_spec
from typing import TypeAlias

from outreach.screening.detectors import DETECTORS
from outreach.screening.engine import Engine
from outreach.screening.normalise import read
from outreach.screening.rules import SHIPPED
from outreach.screening.severity import Severity
from outreach.screening.word_lists import WordList, detector_of
from tests.screening.labelled_texts import BLOCKING, FIRST, FURTHER, Scores, labelled_texts, score
from tests.screening.worst_texts import PIECES, worst_text

ARTICLE_LENGTH = 3_000
DICTIONARIES = {"1 k": 1_000, "20 k": 20_000, "100 k": 100_000}
WORD_LENGTHS = range(2, 7)
SEED = 3_000
MOST_ROUNDS = 300
LEAST_ROUNDS = 5
SECONDS_A_MEASUREMENT = 10
WORST_LENGTH = 1_000_000
PART = 4
"""The worst texts are also screened at this part of their length: a linear rule takes this part of the time."""
WORTH_COMPARING_S = 0.1
MS = 1_000

Screen: TypeAlias = Callable[[str], object]


def measure() -> dict[str, float]:
    """Precision, recall and F1 on the labelled texts; milliseconds for a clean article of 3,000 characters (medians)
    with dictionaries of three sizes, beside those of `rivals`; and the time for a million of the worst characters."""
    return {**quality(), **speed(), **worst()}


def quality() -> dict[str, float]:
    """By label and verdict on the first set of labelled texts, and in sum on the further ones."""
    figures: dict[str, float] = {}
    for name in (FIRST, *FURTHER):
        scores = score(labelled_texts(name), SHIPPED.screen)
        figures |= {f"{name}, {figure}": value for figure, value in _in_sum(scores).items()}
        if name == FIRST:
            figures |= _by_name(scores)
    return figures | _quality_of_presidio()


def _quality_of_presidio() -> dict[str, float]:
    """That what is measured beside does comparable work: of the labels that it knows, on the first set."""
    if not find_spec("presidio_analyzer"):
        return {}
    from bench import presidio

    texts = labelled_texts(FIRST)
    theirs, own = score(texts, presidio.matches()), score(texts, SHIPPED.screen)
    return {
        f"{FIRST}, labels of Presidio, its F1": theirs.spans.f1(presidio.LABELS),
        f"{FIRST}, labels of Presidio, own F1": own.spans.f1(presidio.LABELS),
    }


def _in_sum(scores: Scores) -> dict[str, float]:
    return {
        "precision": scores.spans.precision(),
        "recall": scores.spans.recall(),
        "F1": scores.spans.f1(),
        "recall of blocking labels": scores.spans.recall(BLOCKING),
        "F1 of verdicts": scores.verdicts.f1(),
        "clean texts blocked, %": 100 * scores.clean_blocked / scores.clean,
        "clean texts flagged, %": 100 * scores.clean_flagged / scores.clean,
    }


def _by_name(scores: Scores) -> dict[str, float]:
    figures: dict[str, float] = {}
    for counts in (scores.spans, scores.verdicts):
        for name in sorted(counts.right | counts.wrong | counts.missed):
            figures[f"{name}, precision"] = counts.precision([name])
            figures[f"{name}, recall"] = counts.recall([name])
            figures[f"{name}, F1"] = counts.f1([name])
    return figures


def speed() -> dict[str, float]:
    """Milliseconds an article (medians) and MB of UTF-8 a second, beside the rivals in the same run."""
    texts = articles()
    megabytes = statistics.mean(len(text.encode()) for text in texts) / 1e6
    others = rivals()
    figures: dict[str, float] = {}
    for size, number in DICTIONARIES.items():
        words = dictionary(number, "\n".join(texts))
        engine = engine_with(words)
        if any(engine.screen(text) for text in texts):
            raise AssertionError("the articles are to be clean")
        own = milliseconds(engine.screen, texts)
        figures[f"{size} words, ms an article"] = own
        figures[f"{size} words, MB/s"] = megabytes / own * MS
        for name, made_of in others.items():
            taken = milliseconds(made_of(words), texts)
            figures[f"{size} words, {name}, ms an article"] = taken
            figures[f"{size} words, times as fast as {name}"] = taken / own
    return figures


def articles() -> list[str]:
    """Clean texts of 3,000 characters from the bodies of the demo's items."""
    lines = (files("outreach.demo") / "items.jsonl").read_text(encoding="utf-8").splitlines()
    whole = "\n".join(json.loads(line)["body"] for line in lines)
    starts = range(0, len(whole) - ARTICLE_LENGTH + 1, ARTICLE_LENGTH)
    return [whole[start : start + ARTICLE_LENGTH] for start in starts]


def dictionary(number: int, texts: str) -> list[str]:
    """Random words of the common Han characters (GB 2312, level 1), always the same, none of them in `texts`."""
    chance = random.Random(SEED)
    normalised = read(texts).text
    words: dict[str, None] = {}
    while len(words) < number:
        word = "".join(_common_character(chance) for _ in range(chance.choice(WORD_LENGTHS)))
        if word not in normalised and word not in texts:
            words[word] = None
    return list(words)


def _common_character(chance: random.Random) -> str:
    # Rows 16 to 55, of which the last ends early; bytes have 0xA0 added to row and cell.
    row = chance.randint(16, 55)
    return bytes([0xA0 + row, 0xA0 + chance.randint(1, 94 if row < 55 else 89)]).decode("gb2312")


def engine_with(words: Sequence[str]) -> Engine:
    """The rules that ship and an office's list of words, as the service builds them."""
    return Engine([*DETECTORS, detector_of(WordList("measured", words, [], Severity.REDACT, "", ""))])


def rivals() -> dict[str, Callable[[Sequence[str]], Screen]]:
    """What is measured beside, each made of a dictionary; those that are not installed are told and left out."""
    installed = {"re": by_alternation}
    for name, (module, made_of) in _OPTIONAL.items():
        if find_spec(module):
            installed[name] = made_of
        else:
            print(f"{name} is missing, left out; `make bench ONLY=screening` installs it", file=sys.stderr)
    return installed


def by_alternation(words: Sequence[str]) -> Screen:
    """One expression of all words and nothing else: no rules, no normalisation."""
    longest_first = sorted(words, key=len, reverse=True)
    expression = re.compile("|".join(map(re.escape, longest_first)))
    return lambda text: [found.span() for found in expression.finditer(text)]


def by_pyahocorasick(words: Sequence[str]) -> Screen:
    """One automaton of all words and nothing else: no rules, no normalisation."""
    import ahocorasick

    automaton = ahocorasick.Automaton()
    for word in words:
        automaton.add_word(word, word)
    automaton.make_automaton()
    return lambda text: list(automaton.iter(text))


def by_presidio(words: Sequence[str]) -> Screen:
    """See `bench.presidio`."""
    from bench.presidio import analyzer

    return analyzer(words)


_OPTIONAL: dict[str, tuple[str, Callable[[Sequence[str]], Screen]]] = {
    "pyahocorasick": ("ahocorasick", by_pyahocorasick),
    "Presidio": ("presidio_analyzer", by_presidio),
}


def milliseconds(screen: Screen, texts: Sequence[str]) -> float:
    """The median over many rounds of all texts; fewer where one takes long."""
    for text in texts:
        screen(text)
    return statistics.median(_timed(screen, texts)) * MS


def _timed(screen: Screen, texts: Sequence[str]) -> Iterator[float]:
    began = time.perf_counter()
    for number in range(MOST_ROUNDS):
        if number >= LEAST_ROUNDS and time.perf_counter() - began > SECONDS_A_MEASUREMENT:
            return
        for text in texts:
            start = time.perf_counter()
            screen(text)
            yield time.perf_counter() - start


def worst() -> dict[str, float]:
    """Processor seconds for a million characters of the worst kinds, and how the time grows to there from a quarter
    of them, to what a linear rule's does: 1 is linear, 4 would be the square."""
    seconds = {piece: processor_seconds(worst_text(piece, WORST_LENGTH)) for piece in PIECES}
    growths = [
        taken / processor_seconds(worst_text(piece, WORST_LENGTH // PART)) / PART
        for piece, taken in seconds.items()
        if taken > WORTH_COMPARING_S
    ]
    return {
        "a million of the worst characters, s": max(seconds.values()),
        "the same, median of the kinds, s": statistics.median(seconds.values()),
        "the same, growth (1 is linear)": max(growths),
    }


def processor_seconds(text: str) -> float:
    """What the screening of `text` takes."""
    began = time.process_time()
    SHIPPED.screen(text)
    return time.process_time() - began
