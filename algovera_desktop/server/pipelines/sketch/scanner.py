"""One walk over a prompt's words, left to right, that binds counts, sizes and colours to nouns.

It is no grammar of English: a noun phrase is what stands between two joining words, and what a
known noun does not claim belongs to the picture as a whole.
"""

import math
from dataclasses import dataclass, field, replace

from algovera_desktop.server.pipelines.sketch.commission import (
    RGB,
    Hold,
    Seat,
    Setting,
    Subject,
)
from algovera_desktop.server.pipelines.sketch.context import Context
from algovera_desktop.server.pipelines.sketch.findings import MOST_OF_A_KIND, Findings, Place
from algovera_desktop.server.pipelines.sketch.tokens import EMOJI
from algovera_desktop.server.pipelines.sketch.vocabulary import (
    Entry,
    Match,
    Role,
    Thing,
    Vocabulary,
)

MOST_BELIEVED = 500
"""A larger number is a year or a resolution."""
SCALES = (0.3, 2.5)
VESSELS = frozenset({"own-bowl", "own-basket", "1f3fa"})
"""What is full of what is named after it: bowls, baskets, vases."""
A_TREE = 1.5
"""Things as high as this have an inside to be in."""
PLOT_COUNT = 6
"""How many plants a plot of them shows at least."""


@dataclass(slots=True)
class _Pending:
    """What was said of a noun before the noun."""

    count: int | None = None
    collective: bool = False
    scale: float = 1.0
    colours: list[RGB] = field(default_factory=list[RGB])
    shade: float = 0.0
    determined: bool = False


class Scanner:
    """Reads ``tokens`` into ``found``; what the prompt itself negates goes to ``banned``."""

    def __init__(
        self, vocabulary: Vocabulary, tokens: list[str], found: Findings, banned: Findings
    ) -> None:
        self._vocabulary, self._lists = vocabulary, vocabulary.lists
        self._found, self._banned = found, banned
        self._matches = list(vocabulary.matches(tokens))
        self._context = Context(self._matches, self._lists)
        self._pending = _Pending()
        self._negating = False
        self._preposition = ""
        self._link = ""
        self._skipping = False
        self._noun_is_subject = False
        self._vessel: Seat | None = None

    def run(self) -> None:
        for index, match in enumerate(self._matches):
            self._target.kinds |= self._vocabulary.kinds.get(match.text, set())
            if match.entry is None:
                self._read_unknown(match)
            elif match.entry.role is not None:
                self._read_joint(index, match, match.entry.role)
            else:
                self._read_word(index, match, match.entry)
        self._release_colours()

    @property
    def _target(self) -> Findings:
        return self._banned if self._negating else self._found

    def _read_unknown(self, match: Match) -> None:
        if match.text.startswith(EMOJI):
            self._read_emoji(match.text.removeprefix(EMOJI))
        elif match.text.isdecimal() and 0 < int(match.text) <= MOST_BELIEVED:
            self._pending.count = int(match.text)

    def _read_emoji(self, key: str) -> None:
        thing = self._vocabulary.things.get(key)
        if thing is None:
            return
        alike = [known for known, _ in self._target.subjects if known.emoji == key]
        before = max((known.count for known in alike), default=0)
        self._add(Entry(thing.name, thing), before + (self._pending.count or 1))

    def _read_joint(self, index: int, match: Match, role: Role) -> None:
        if role is Role.COMPOUND:
            self._pending.colours = []
        elif role is Role.MATERIAL:
            self._skipping = True
        elif role is Role.DETERMINER:
            self._read_determiner(index)
        elif role is Role.NEGATOR:
            self._start_over()
            self._negating = True
        elif not self._goes_on(index, match):
            self._end_phrase(match.text, role)

    def _goes_on(self, index: int, match: Match) -> bool:
        """Whether the noun phrase goes on: "a pair *of* swans", "red *and* white flowers"."""
        if match.text == "of":
            return self._pending.collective
        joins = match.text == "and" and bool(self._pending.colours)
        return joins and self._context.colour_follows(index)

    def _read_determiner(self, index: int) -> None:
        if self._context.text_at(index - 1) == "and":
            self._negating = False
        if not self._pending.collective:
            self._release_colours()
            self._pending = _Pending(determined=True)

    def _end_phrase(self, text: str, role: Role) -> None:
        self._start_over()
        if role is Role.BOUNDARY or text not in self._lists["negation_goes_on"]:
            self._negating = False
        if role is Role.PREPOSITION:
            self._preposition = text
        if role is not Role.BOUNDARY:
            self._link = text
        self._vessel = self._filled() if text in self._lists["filled_by"] else None

    def _start_over(self) -> None:
        self._release_colours()
        self._pending = _Pending()
        self._preposition = self._link = ""
        self._skipping = False

    def _release_colours(self) -> None:
        """Colours that no noun claimed are the last subject's ("the fox is blue") or the
        picture's."""
        colours, self._pending.colours = self._pending.colours, []
        subjects = self._target.subjects
        if colours and self._link in self._lists["copulas"] and self._noun_is_subject and subjects:
            subject, thing = subjects[-1]
            subjects[-1] = (replace(subject, colour=colours[0]), thing)
        else:
            self._target.colours.extend(colours)

    def _read_word(self, index: int, match: Match, entry: Entry) -> None:
        following = self._context.entry_at(index + 1)
        if entry.collective is not None and self._context.text_at(index + 1) == "of":
            if entry.text in self._lists["keep_collective"]:
                self._read_noun(index, match, entry)
                self._vessel = self._seat_on(entry)
            self._pending = _Pending(entry.collective, collective=True)
            return
        if entry.shade is not None and following is not None and following.colour is not None:
            self._pending.shade = entry.shade
            return
        if entry.colour is not None and self._context.is_colour(index, match, entry):
            self._read_colour(entry.colour, entry)
            return
        if entry.size is not None and (entry.thing is None or self._context.leads_to_thing(index)):
            self._pending.scale *= entry.size
            return
        if entry.count is not None:
            self._pending.count = entry.count
        if not (entry.monochrome and self._context.describes_hide(index, entry)):
            self._read_noun(index, match, entry)

    def _read_colour(self, colour: RGB, entry: Entry) -> None:
        self._target.add_atmosphere(entry)
        self._pending.colours.append(_shaded(colour, self._pending.shade))
        self._pending.shade = 0.0

    def _read_noun(self, index: int, match: Match, entry: Entry) -> None:
        if entry.thing is None:
            self._target.add_atmosphere(entry)
            if entry.setting is not None:
                self._add_place(entry.setting, entry.weak)
            elif entry.time is not None or entry.weather is not None:
                self._release_colours()
            elif self._names_several(index, entry):
                self._raise_last_count(entry.collective or 1)
        elif self._names_several(index, entry):
            self._raise_last_count(entry.collective or 1)
        elif self._is_depicted(index, match, entry):
            self._target.add_atmosphere(entry)
            self._add_noun(index, match, entry, entry.thing)

    def _is_depicted(self, index: int, match: Match, entry: Entry) -> bool:
        """Whether a noun stands for a thing to paint, not for an action, a part or a substance."""
        if self._context.is_verb(index, match, determined=self._pending.determined):
            return False
        if self._skipping or self._is_worn(entry):
            self._pass_over(colours_stay=True)
            return False
        if entry.text in self._lists["only_seats"] and not self._carries():
            self._pass_over(colours_stay=False)
            return False
        if self._is_part(index, entry):
            self._target.portrait |= entry.text in self._lists["portrait_words"]
            self._pass_over(colours_stay=False)
            return False
        return match.plural or not self._context.modifies(index, entry)

    def _is_worn(self, entry: Entry) -> bool:
        worn = self._link in self._lists["worn_after"] and bool(self._target.subjects)
        return worn and entry.text in self._lists["clothes"]

    def _is_part(self, index: int, entry: Entry) -> bool:
        """The eyes of someone who is painted already, or "the face of" someone who follows."""
        owned = bool(self._target.subjects) or self._context.text_at(index + 1) == "of"
        return owned and entry.text in self._lists["body"]

    def _seat_on(self, entry: Entry) -> Seat | None:
        return self._vocabulary.seats.get(entry.thing.emoji) if entry.thing else None

    def _filled(self) -> Seat | None:
        """The bowl or vase named last, when what follows is in it."""
        if not self._target.subjects:
            return None
        emoji = self._target.subjects[-1][0].emoji
        return self._vocabulary.seats.get(emoji) if emoji in VESSELS else None

    def _carries(self) -> bool:
        """Whether the next noun is what the last subject is on, in or astride."""
        carried = self._lists["carried_by"]
        joined = self._preposition in carried or self._link in carried
        return joined and bool(self._target.subjects)

    def _carrier(self, thing: Thing) -> Thing:
        """``thing``, or what stands in for it when it carries the subject before it."""
        if not self._carries():
            return thing
        emoji = self._vocabulary.stand_ins.get(thing.emoji, thing.emoji)
        seat = self._vocabulary.seats.get(emoji)
        inside = self._preposition in self._lists["carried_in"]
        roomy = thing.home is Setting.ROOM or thing.height >= A_TREE
        if seat is None or (inside and seat.hold is Hold.ON and not roomy):
            return thing
        self._target.seat_last(seat)
        return self._vocabulary.things[emoji]

    def _pass_over(self, *, colours_stay: bool) -> None:
        """Leave a noun out; its colours go to the picture or with it."""
        if not colours_stay:
            self._pending.colours = []
        self._release_colours()
        self._pending = _Pending()

    def _names_several(self, index: int, entry: Entry) -> bool:
        """Whether a noun only counts the one before it: "a polar bear family"."""
        before = self._context.entry_at(index - 1)
        after_noun = before is not None and before.thing is not None and self._target.subjects
        return bool(after_noun) and entry.text in self._lists["named_after"]

    def _raise_last_count(self, count: int) -> None:
        subject, thing = self._target.subjects[-1]
        subject = replace(subject, count=max(subject.count, count))
        self._target.subjects[-1] = (subject, thing)

    def _add_place(self, setting: Setting, weak: bool) -> None:
        self._add_setting(setting, weak=weak, led_to=bool(self._preposition))
        natural = self._vocabulary.is_natural
        self._pending.colours = [c for c in self._pending.colours if not natural(setting, c)]
        self._noun_is_subject = False
        self._release_colours()
        self._pending = _Pending()

    def _add_setting(self, setting: Setting, *, weak: bool, led_to: bool) -> None:
        said_of = len(self._target.subjects)
        self._target.places.append(Place(setting, weak, led_to, said_of))

    def _add_noun(self, index: int, match: Match, entry: Entry, thing: Thing) -> None:
        if self._stands_for_room(entry):
            self._add_setting(Setting.ROOM, weak=False, led_to=True)
            if entry.text in self._lists["enclosures"]:
                self._pass_over(colours_stay=True)
                return
        if entry.setting is not None:
            self._add_setting(entry.setting, weak=True, led_to=True)
        count = self._count(match, entry)
        planted = thing.kind in ("plant", "food", "object")
        if planted and self._context.text_at(index + 1) in self._lists["plots"]:
            count = max(count, PLOT_COUNT)
        self._add(entry, count)

    def _stands_for_room(self, entry: Entry) -> bool:
        if entry.text in self._lists["fixtures"]:
            return bool(self._preposition)
        return entry.text in self._lists["enclosures"] and (
            self._preposition in self._lists["enclosing"]
        )

    def _count(self, match: Match, entry: Entry) -> int:
        pending = self._pending
        unchanging = entry.text.split(" ")[-1] in self._lists["same_plural"]
        if pending.count is not None:
            loose = self._vessel is not None or match.plural or unchanging
            uncountable = pending.collective and not loose
            shown = 2 if entry.thing and entry.thing.name in self._lists["pairs"] else 1
            return 1 if uncountable else math.ceil(pending.count / shown)
        if match.plural or (unchanging and not pending.determined):
            return self._vocabulary.plural_count
        return 1

    def _add(self, entry: Entry, count: int) -> None:
        if entry.thing is None:
            return
        pending, thing, (least, most) = self._pending, self._carrier(entry.thing), SCALES
        subject = Subject(
            emoji=thing.emoji,
            word=entry.text,
            placement=thing.placement,
            height=round(thing.height * entry.thing_scale, 3),
            count=min(count, MOST_OF_A_KIND),
            scale=round(min(max(pending.scale, least), most), 3),
            colour=pending.colours[0] if pending.colours else entry.thing_colour,
            seat=self._vessel,
        )
        self._vessel = None
        self._target.add_subject(subject, thing)
        if self._negating:
            self._target.colours.extend(pending.colours)
        self._pending, self._preposition, self._link = _Pending(), "", ""
        self._noun_is_subject = True


def _shaded(colour: RGB, shade: float) -> RGB:
    """Towards white for a positive shade, towards black for a negative one."""
    end = 255 if shade > 0 else 0
    red, green, blue = (round(value + (end - value) * abs(shade)) for value in colour)
    return red, green, blue
