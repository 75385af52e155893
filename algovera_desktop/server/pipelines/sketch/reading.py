"""From a prompt to a commission: what the painter is to paint."""

from algovera_desktop.server.pipelines.sketch.commission import Commission
from algovera_desktop.server.pipelines.sketch.findings import Findings
from algovera_desktop.server.pipelines.sketch.scanner import Scanner
from algovera_desktop.server.pipelines.sketch.tokens import EMOJI, tokens_of
from algovera_desktop.server.pipelines.sketch.vocabulary import Vocabulary
from algovera_desktop.server.pipelines.sketch.weighing import weigh


class PromptReader:
    """Reads prompts with one vocabulary. It never fails: words it does not know say nothing."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def read_prompt(self, prompt: str, negative_prompt: str = "") -> Commission:
        """The commission for a prompt; all that the negative prompt names is kept away."""
        found, banned = Findings(), Findings()
        Scanner(self._vocabulary, self._tokens(prompt), found, banned).run()
        Scanner(self._vocabulary, self._tokens(negative_prompt), banned, banned).run()
        return weigh(found, banned, self._vocabulary)

    def _tokens(self, text: str) -> list[str]:
        tokens: list[str] = []
        for token in tokens_of(text):
            tokens += self._in_words(token) if token.startswith(EMOJI) else [token]
        return tokens

    def _in_words(self, token: str) -> list[str]:
        """An emoji that has no picture here, as the words or the plainer emoji for it."""
        key = token.removeprefix(EMOJI)
        if key in self._vocabulary.things:
            return [token]
        if key in self._vocabulary.emoji_words:
            return self._vocabulary.emoji_words[key].split(" ")
        plainer = key.removesuffix("_200d_2642").removesuffix("_200d_2640")
        plainer = plainer.replace("1f468_200d", "1f9d1_200d").replace("1f469_200d", "1f9d1_200d")
        return [EMOJI + plainer] if plainer in self._vocabulary.things else []
