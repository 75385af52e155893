"""What an ambiguous word means among its neighbours."""

from collections.abc import Mapping, Sequence

from algovera_desktop.server.pipelines.sketch.vocabulary import Entry, Match, Role


class Context:
    """The words of one prompt, asked by position; beyond its ends there is nothing."""

    def __init__(self, matches: Sequence[Match], lists: Mapping[str, frozenset[str]]) -> None:
        self._matches, self._lists = matches, lists

    def neighbour(self, index: int) -> Match | None:
        return self._matches[index] if 0 <= index < len(self._matches) else None

    def entry_at(self, index: int) -> Entry | None:
        match = self.neighbour(index)
        return match.entry if match else None

    def text_at(self, index: int) -> str:
        match = self.neighbour(index)
        return match.text if match else ""

    def colour_follows(self, index: int) -> bool:
        """Whether the next word is a colour, "dark red" included."""
        after = self.entry_at(index + 1)
        shaded = after is not None and after.shade is not None
        if shaded:
            after = self.entry_at(index + 2)
        return after is not None and after.colour is not None

    def leads_to_thing(self, index: int) -> bool:
        """Whether a thing is named before this noun phrase ends."""
        for match in self._matches[index + 1 :]:
            if match.entry is not None and match.entry.role is not None:
                return False
            if match.entry is not None and match.entry.thing is not None:
                return True
        return False

    def is_colour(self, index: int, match: Match, entry: Entry) -> bool:
        """Whether a word that also names a thing (orange, rose) is meant as a colour."""
        if entry.thing is None:
            return True
        after = self.neighbour(index + 1)
        if match.plural or (after is not None and after.text in self._lists["plots"]):
            return False
        if after is not None and after.text == "and":
            other = self.entry_at(index + 2)
            return other is not None and other.colour is not None and other.thing is None
        if after is None or (after.entry is not None and after.entry.role is not None):
            return self.text_at(index - 1) in {"in", *self._lists["copulas"]}
        if after.entry is not None and (after.entry.setting or after.entry.time):
            return True
        return after.text in self._lists["tone_words"] or self.leads_to_thing(index)

    def describes_hide(self, index: int, entry: Entry) -> bool:
        """A black and white cow makes no black and white picture."""
        after = self.entry_at(index + 1)
        hides = ("animal", "bird")
        return (
            entry.text.endswith("and white")
            and after is not None
            and after.thing is not None
            and after.thing.kind in hides
        )

    def modifies(self, index: int, entry: Entry) -> bool:
        """Whether a noun only says what the next is like: a chocolate cake, a stone bridge."""
        after = self.entry_at(index + 1)
        if after is None or self.text_at(index + 1) in self._lists["plots"]:
            return False
        named = after.thing is not None or after.setting is not None
        return named and entry.text in self._lists["modifiers"]

    def is_verb(self, index: int, match: Match, *, determined: bool) -> bool:
        """Whether a noun that is a verb too is one here: after an actor or before an article."""
        if match.text not in self._lists["verbs"]:
            return False
        before, after = self.neighbour(index - 1), self.entry_at(index + 1)
        if after is not None and after.role is Role.DETERMINER:
            return not determined
        if before is None or determined:
            return False
        acting = before.entry is not None and before.entry.thing is not None
        agrees = before.plural != match.text.endswith("s")
        return before.text in self._lists["pronouns"] or (acting and agrees)
