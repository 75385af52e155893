"""What a person types, read as a tree or refused with the place."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.library.query.lexer import quoted
from algovera_desktop.library.query.nodes import (
    All,
    Any,
    Extra,
    Has,
    Interval,
    Is,
    MadeIn,
    Named,
    NameField,
    Node,
    Not,
    NumberField,
    NumberIn,
    Ratio,
    RatioIs,
    SizeIs,
    State,
    TextField,
    Words,
    asks_for_failed_jobs,
    asks_for_trash,
)
from algovera_desktop.library.query.parser import KEYS, MAX_DEPTH, MAX_TERMS, parse
from algovera_desktop.library.query.problems import Problem, QuerySyntaxError

TODAY = date(2026, 11, 22)
Written = tuple[str, Node]


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Days begin at UTC's midnight, wherever the test runs."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def day(year: int, month: int, number: int) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("", All()),
        ("fox", Words("fox", is_prefix=True)),
        ("fox*", Words("fox", is_prefix=True)),
        ('"red fox"', Words("red fox")),
        ('"red fox"*', Words("red fox", is_prefix=True)),
        ('"a ""b"" c"', Words('a "b" c')),
        ("-fox", Not(Words("fox", is_prefix=True))),
        ("--fox", Words("fox", is_prefix=True)),
        ("fox-red", Words("fox-red", is_prefix=True)),
        ("fox - red", All((Words("fox", True), Words("red", True)))),
        ("salt & pepper", All((Words("salt", True), Words("pepper", True)))),
        ("fox OR cat", Any((Words("fox", True), Words("cat", True)))),
        ("fox or", All((Words("fox", True), Words("or", True)))),
        ('"or"', Words("or")),
        ("a b or c", Any((All((Words("a", True), Words("b", True))), Words("c", True)))),
        ("a (b or c)", All((Words("a", True), Any((Words("b", True), Words("c", True)))))),
        ("-(a b)", Not(All((Words("a", True), Words("b", True))))),
        ("prompt:fox", Words("fox", True, TextField.PROMPT)),
        ('note:"print this"', Words("print this", False, TextField.NOTE)),
        ("negative:blurry", Words("blurry", True, TextField.NEGATIVE)),
        ('tag:"red fox"', Named(NameField.TAG, "red fox")),
        ("TAG:red", Named(NameField.TAG, "red", is_prefix=True)),
        ("model:sd_xl", Named(NameField.MODEL, "sd_xl", is_prefix=True)),
        ("rating:4", NumberIn(NumberField.RATING, Interval(4, 4))),
        ("rating:>=4", NumberIn(NumberField.RATING, Interval(4))),
        ("rating:>4", NumberIn(NumberField.RATING, Interval(4, without_low=True))),
        ("rating:<4", NumberIn(NumberField.RATING, Interval(high=4, without_high=True))),
        ("rating:<=4", NumberIn(NumberField.RATING, Interval(high=4))),
        ("guidance:7..9.5", NumberIn(NumberField.GUIDANCE, Interval(7, 9.5))),
        ("steps:20..", NumberIn(NumberField.STEPS, Interval(20))),
        ("seed:9007199254740991", NumberIn(NumberField.SEED, Interval(2**53 - 1, 2**53 - 1))),
        ("size:768x512", SizeIs(768, 512)),
        ("size:768×512", SizeIs(768, 512)),
        ("ratio:Portrait", RatioIs(Ratio.PORTRAIT)),
        ("is:favourite", Is(State.FAVOURITE)),
        ("has:note", Has(Extra.NOTE)),
    ],
)
def test_what_is_typed_means(text: str, node: Node) -> None:
    assert parse(text, TODAY) == node


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2026-11-03", day(2026, 11, 3), day(2026, 11, 4)),
        ("2026-11", day(2026, 11, 1), day(2026, 12, 1)),
        ("2026-12", day(2026, 12, 1), day(2027, 1, 1)),
        ("2026", day(2026, 1, 1), day(2027, 1, 1)),
        ("today", day(2026, 11, 22), day(2026, 11, 23)),
        ("yesterday", day(2026, 11, 21), day(2026, 11, 22)),
        ("week", day(2026, 11, 16), day(2026, 11, 23)),
        ("2024-02..2025", day(2024, 2, 1), day(2026, 1, 1)),
        ("<2026", None, day(2026, 1, 1)),
        ("<=2026", None, day(2027, 1, 1)),
    ],
)
def test_days_end_where_the_next_begins(text: str, low: datetime | None, high: datetime) -> None:
    assert parse(f"date:{text}", TODAY) == MadeIn(Interval(low, high, without_high=True))


def test_after_yesterday_begins_with_today() -> None:
    assert parse("date:>yesterday", TODAY) == MadeIn(Interval(day(2026, 11, 22)))
    assert parse("date:>=yesterday", TODAY) == MadeIn(Interval(day(2026, 11, 21)))


@pytest.mark.parametrize(
    ("text", "problem", "found"),
    [
        ('fox "red', Problem.UNCLOSED_QUOTE, '"red'),
        ("fox (red", Problem.UNCLOSED_PARENTHESIS, "("),
        ("fox) red", Problem.UNOPENED_PARENTHESIS, ")"),
        ("fox ()", Problem.EMPTY_PARENTHESES, "()"),
        ("or fox", Problem.OR_LACKS_A_SIDE, "or"),
        ("fox OR ", Problem.OR_LACKS_A_SIDE, "OR"),
        ("a or or b", Problem.OR_LACKS_A_SIDE, "or"),
        ("fox 🦊", Problem.NOTHING_SEARCHABLE, "🦊"),
        ("ratng:5", Problem.UNKNOWN_KEY, "ratng"),
        ("fox tag:", Problem.MISSING_VALUE, "tag:"),
        ('tag:""', Problem.MISSING_VALUE, 'tag:""'),
        ("tag: fox", Problem.MISSING_VALUE, "tag:"),
        ("rating:>", Problem.MISSING_VALUE, ">"),
        ("steps:..", Problem.MISSING_VALUE, ".."),
        ("is:nice", Problem.UNKNOWN_VALUE, "nice"),
        ("rating:4.5", Problem.BAD_NUMBER, "4.5"),
        ("fox rating:9", Problem.IMPOSSIBLE_NUMBER, "9"),
        ("rating:>5", Problem.IMPOSSIBLE_NUMBER, ">5"),
        ("rating:-1", Problem.IMPOSSIBLE_NUMBER, "-1"),
        ("rating:<0", Problem.IMPOSSIBLE_NUMBER, "<0"),
        ("rating:6..8", Problem.IMPOSSIBLE_NUMBER, "6..8"),
        ("steps:<0", Problem.IMPOSSIBLE_NUMBER, "<0"),
        ("guidance:-3..-1.5", Problem.IMPOSSIBLE_NUMBER, "-3..-1.5"),
        ("size:0x512", Problem.BAD_SIZE, "0x512"),
        ("rating:2..x", Problem.BAD_NUMBER, "x"),
        ("seed:" + "9" * 30, Problem.BAD_NUMBER, "9" * 30),
        ("size:768", Problem.BAD_SIZE, "768"),
        ("date:2026-13", Problem.BAD_DATE, "2026-13"),
        ("date:2026-02-30", Problem.BAD_DATE, "2026-02-30"),
        ("date:2026-00", Problem.BAD_DATE, "2026-00"),
        ("date:0001", Problem.BAD_DATE, "0001"),
        ("date:>soon", Problem.BAD_DATE, "soon"),
        ("guidance:9..7", Problem.EMPTY_RANGE, "9..7"),
        ("a " * MAX_TERMS + "end", Problem.TOO_LONG, "end"),
        ("(" * MAX_DEPTH + "(", Problem.TOO_DEEP, "("),
    ],
)
def test_what_cannot_be_read_is_pointed_at(text: str, problem: Problem, found: str) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(text, TODAY)
    assert caught.value.problem is problem
    assert caught.value.found == found == text[caught.value.start : caught.value.end]


def test_an_unknown_word_before_a_colon_comes_with_those_that_are_known() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse("ratng:5")
    assert caught.value.expected == KEYS


def test_days_are_those_of_this_machines_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    found = parse("date:2026-03-29")
    assert found == MadeIn(
        Interval(
            datetime(2026, 3, 28, 23, tzinfo=UTC),
            datetime(2026, 3, 29, 22, tzinfo=UTC),
            without_high=True,
        )
    )


def refusal(text: str) -> QuerySyntaxError | None:
    try:
        parse(text)
    except QuerySyntaxError as error:
        return error
    return None


@given(text=st.text(alphabet=st.characters() | st.sampled_from('()"-:*.<>= \0\ud800')))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    error = refusal(text)
    assert error is None or 0 <= error.start <= error.end <= len(text)


_SIGNS = '( ) " - or fox tag: rating: >= 4 .. date: * is:failed 🦊 size: 7x7 today 2026-02'
_syntax = st.lists(st.sampled_from([" ", *_SIGNS.split(), " or "]), max_size=20).map("".join)


@given(text=_syntax)
def test_any_mixture_of_the_languages_own_signs_is_read_or_refused(text: str) -> None:
    error = refusal(text)
    assert error is None or error.start < error.end <= len(text)


_word = st.text("abcdefgxyzäöüß0123456789", min_size=1, max_size=8).filter(lambda w: w != "or")
_numbers = st.sampled_from(NumberField).flatmap(
    lambda field: st.tuples(
        st.just(field), *[st.integers(0, 5 if field is NumberField.RATING else 10**6)] * 2
    )
)
_leaves: st.SearchStrategy[Written] = st.one_of(
    _word.map(lambda w: (w, Words(w, is_prefix=True))),
    st.lists(_word, min_size=1).map(" ".join).map(lambda w: (quoted(w), Words(w))),
    st.tuples(st.sampled_from(NameField), _word).map(
        lambda x: (f"{x[0].value}:{quoted(x[1])}", Named(*x))
    ),
    _numbers.map(
        lambda x: (
            f"{x[0].value}:{min(x[1:])}..{max(x[1:])}",
            NumberIn(x[0], Interval(min(x[1:]), max(x[1:]))),
        )
    ),
    st.sampled_from(State).map(lambda each: (f"is:{each.value}", Is(each))),
    st.sampled_from(Extra).map(lambda each: (f"has:{each.value}", Has(each))),
)


def _beside(parts: list[Written]) -> Written:
    return " ".join(text for text, _ in parts), All(tuple(node for _, node in parts))


def _either(parts: list[Written]) -> Written:
    return " or ".join(f"({text})" for text, _ in parts), Any(tuple(node for _, node in parts))


_queries = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(
            lambda parts: _beside([(f"({text})", node) for text, node in parts])
        ),
        st.lists(inner, min_size=2, max_size=3).map(_either),
        inner.map(lambda written: (f"-({written[0]})", Not(written[1]))),
    ),
    max_leaves=8,
)


@given(written=_queries)
def test_what_is_written_comes_back_as_it_was_meant(written: Written) -> None:
    text, node = written
    assert parse(text) == node


@pytest.mark.parametrize(
    ("text", "trash", "failed"),
    [
        ("fox", False, False),
        ("is:trashed", True, False),
        ("fox is:trashed", True, False),
        ("-is:trashed", False, False),
        ("fox or is:trashed", False, False),
        ("is:failed", False, True),
        ("fox is:failed", False, True),
        ("fox or is:failed", False, True),
        ("-is:failed", False, False),
    ],
)
def test_a_query_tells_whether_it_is_about_the_trash_or_about_jobs(
    text: str, trash: bool, failed: bool
) -> None:
    node = parse(text)
    assert (asks_for_trash(node), asks_for_failed_jobs(node)) == (trash, failed)
