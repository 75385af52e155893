"""What Prometheus reads is in its format, and adds up."""

import re

from hypothesis import given
from hypothesis import strategies as st

from algovera_desktop.server.jobs import StoredState
from algovera_desktop.server.metrics import Counter, Histogram
from algovera_desktop.server.studio_metrics import StudioMetrics

SAMPLE = re.compile(r'[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? -?[0-9.e+]+')


def test_a_counter_counts_apart_by_its_labels() -> None:
    counter = Counter("answers_total", "Answers", "route", "status")
    for status in ("200", "404", "200"):
        counter.add("/a", status)
    assert list(counter.lines()) == [
        "# HELP answers_total Answers",
        "# TYPE answers_total counter",
        'answers_total{route="/a",status="200"} 2',
        'answers_total{route="/a",status="404"} 1',
    ]


def test_a_counter_without_labels_is_there_before_anything_happened() -> None:
    counter = Counter("restarts_total", "Restarts")
    assert list(counter.lines())[-1] == "restarts_total 0"
    counter.add()
    assert list(counter.lines())[-1] == "restarts_total 1"


def test_a_label_cannot_break_out_of_its_quotes() -> None:
    counter = Counter("c", "C", "route")
    counter.add('a"b\\c\nd')
    assert list(counter.lines())[-1] == r'c{route="a\"b\\c\nd"} 1'


@given(st.lists(st.floats(0, 100)))
def test_a_histogram_counts_what_is_at_most_each_bound(seconds: list[float]) -> None:
    bounds = (0.1, 1.0, 10.0)
    histogram = Histogram("h", "H", bounds)
    for each in seconds:
        histogram.observe(each)
    counts = [int(line.split()[-1]) for line in histogram.lines() if "_bucket" in line]
    expected = [sum(each <= bound for each in seconds) for bound in bounds]
    assert counts == [*expected, len(seconds)]
    assert list(histogram.lines())[-1] == f"h_count {len(seconds)}"


def test_the_whole_text_is_made_of_comments_and_samples() -> None:
    metrics = StudioMetrics()
    metrics.steps.observe(0.2)
    metrics.answers.add("GET", "/api/status", "200")
    text = metrics.text(dict.fromkeys(StoredState, 3))
    assert text.endswith("\n")
    assert "algovera_queue_length 3" in text.splitlines()
    assert 'algovera_jobs{state="done"} 3' in text.splitlines()
    for line in text.splitlines():
        assert line.startswith(("# HELP ", "# TYPE ")) or SAMPLE.fullmatch(line), line
