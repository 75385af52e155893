import pytest

from algovera_desktop.domain import errors
from algovera_desktop.domain.jobs import FailureKind, JobFailure, JobState
from algovera_desktop.ui.models.gallery_rows import JobTile
from algovera_desktop.ui.models.tile_words import detail, headline
from algovera_desktop.ui.wording import (
    ActionHint,
    describe_error,
    describe_failure,
    describe_uncertain_job,
)
from support.picture_world import make_job


def tree(root: type[errors.AlgoveraError]) -> list[type[errors.AlgoveraError]]:
    below = [error for child in root.__subclasses__() for error in tree(child)]
    ours = root.__module__ == errors.__name__
    return [root, *below] if ours else below


def example(error_class: type[errors.AlgoveraError]) -> errors.AlgoveraError:
    if error_class is errors.InvalidRequestError:
        return errors.InvalidRequestError("width", "must be from 128 to 1024", 4096)
    if error_class is errors.ModelGoneError:
        return errors.ModelGoneError("model", "XYZZY", "lcm")
    if error_class is errors.JobCancelledError:
        return errors.JobCancelledError()
    return error_class("internal words XYZZY")


@pytest.mark.parametrize("error_class", tree(errors.AlgoveraError), ids=lambda c: c.__name__)
def test_every_error_has_a_sentence_of_its_own(error_class):
    described = describe_error(example(error_class))
    assert described.title.endswith((".", ")"))
    others = {
        describe_error(example(other)).title
        for other in tree(errors.AlgoveraError)
        if other is not error_class
    }
    assert described.title not in others
    if error_class is not errors.JobCancelledError:
        assert described.advice.endswith(".")


@pytest.mark.parametrize("error_class", tree(errors.AlgoveraError), ids=lambda c: c.__name__)
def test_no_sentence_repeats_an_internal_text(error_class):
    if error_class is errors.EngineFailedError:
        pytest.skip("its text is the engine's own words, meant to be shown")
    described = describe_error(example(error_class))
    assert "XYZZY" not in described.title + described.advice


@pytest.mark.parametrize("kind", FailureKind)
def test_every_kind_of_failure_has_words(kind):
    described = describe_failure(JobFailure(kind, "details"))
    assert described.title.endswith(".")
    assert described.advice
    assert described.action is not ActionHint.NONE


def test_how_much_room_an_upgrade_takes_is_told():
    advice = describe_error(errors.NoRoomToUpgradeError("internal", 3_000_000_000)).advice
    assert "3.0 GB" in advice
    assert "Nothing was changed" in advice


def test_a_subclass_that_we_do_not_know_is_described_as_its_parent():
    class NewerError(errors.PaymentRequiredError):
        pass

    assert describe_error(NewerError("x")) == describe_error(errors.PaymentRequiredError("x"))


def test_an_exception_outside_the_tree_is_our_mistake():
    described = describe_error(ZeroDivisionError("x"))
    assert described.action is ActionHint.REPORT
    assert described == describe_failure(JobFailure(FailureKind.INTERNAL, "x"))


def test_patience_is_counted_in_seconds_when_the_server_says_how_long():
    assert "12 s" in describe_error(errors.RateLimitedError("x", retry_after_s=11.6)).advice
    assert " s." not in describe_error(errors.RateLimitedError("x")).advice


def test_the_engines_reason_is_quoted_and_cut_short():
    described = describe_failure(JobFailure(FailureKind.ENGINE, "out of\nmemory " + "x" * 4000))
    assert "“out of memory x" in described.advice
    assert len(described.advice) < 400


def test_a_lost_answer_is_never_offered_as_a_plain_retry():
    assert describe_uncertain_job("studio").action is ActionHint.SEND_AGAIN
    assert "charge" in describe_uncertain_job("studio").advice
    assert describe_error(errors.SubmissionUncertainError("x")) == describe_uncertain_job("studio")


@pytest.mark.parametrize("kind", FailureKind)
def test_a_tile_has_a_short_word_for_every_reason_of_a_hold(kind):
    job = make_job(1, JobState.HELD, failure=JobFailure(kind, "details"))
    words = detail(JobTile(job))
    is_trouble = kind is not FailureKind.EDITED
    assert headline(JobTile(job)) == ("On hold" if is_trouble else "Being changed")
    assert 0 < len(words) <= 24


@pytest.mark.parametrize("state", JobState)
def test_a_tile_has_a_word_for_every_state(state):
    assert headline(JobTile(make_job(1, state)))
