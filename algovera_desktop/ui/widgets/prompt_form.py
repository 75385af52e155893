"""The form: words and numbers become requests."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QCoreApplication, QLocale, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QVBoxLayout, QWidget

from algovera_desktop.domain.errors import InvalidRequestError
from algovera_desktop.domain.generation import (
    MAX_PROMPT_CHARS,
    GenerationRequest,
    ModelInfo,
    Size,
    model_named,
)
from algovera_desktop.domain.jobs import Job
from algovera_desktop.domain.servers import LOCAL_SERVER_ID, ServerConfig
from algovera_desktop.ui.draft import Draft, models_for
from algovera_desktop.ui.models.base_models import BaseModels
from algovera_desktop.ui.theme import ThemeController
from algovera_desktop.ui.widgets.prompt_fields import PromptFields

_SEEDS = 2**32
"""Drawn seeds stay where every runtime and other program can follow."""


def draw_seed() -> int:
    return secrets.randbelow(_SEEDS)


@dataclass(frozen=True, slots=True)
class _Edit:
    """A waiting job in the form, and what the user was typing before."""

    job: Job
    own_draft: Draft


class PromptForm(QWidget):
    """Holds a Draft, shows what the chosen model makes of it, and never loses a word of it.

    While it changes a waiting job, it holds a draft for that one, and keeps the user's own.

    ``generate_action`` is for the menu too; its shortcut is shown on the button.

    Signals:
        generate_requested: a list of GenerationRequest, one for each picture.
        draft_changed: everything typed and chosen, as a flat JSON-able dict.
        server_changed: the id of the server that the user chose (str).
        more_models_requested: the user wants one that is not installed on this computer.
        edit_changed: as ``draft_changed``, of what is to become of the waiting job.
        edit_saved: the GenerationRequest that the waiting job shall have.
        edit_cancelled: the waiting job shall stay as it is.
    """

    generate_requested = Signal(object)
    draft_changed = Signal(object)
    server_changed = Signal(str)
    more_models_requested = Signal()
    edit_changed = Signal(object)
    edit_saved = Signal(object)
    edit_cancelled = Signal()

    def __init__(
        self,
        themes: ThemeController,
        *,
        draw_seed: Callable[[], int] = draw_seed,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._draw_seed = draw_seed
        self._models = BaseModels()
        self._unavailable = self.tr("Looking for models…")
        self._offer: tuple[Sequence[ModelInfo], str] = ((), self._unavailable)
        self._server_id = ""
        self._edit: _Edit | None = None
        self._draft = Draft(prompt=self.tr("a fox by a lake at sunset"))
        self._fields = PromptFields(themes, draw_seed, self)
        self._fields.model.setModel(self._models)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._fields)
        self.generate_action = QAction(self.tr("Generate"), self)
        enters = (Qt.Modifier.CTRL | key for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter))
        self.generate_action.setShortcuts([QKeySequence(keys) for keys in enters])
        self.generate_action.triggered.connect(self._on_generate_action_triggered)
        self._cancel_action = QAction(self.tr("Leave the waiting picture as it is"), self)
        self._cancel_action.setShortcut(QKeySequence(Qt.Key.Key_Escape))
        self._cancel_action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._cancel_action.setEnabled(False)
        self._cancel_action.triggered.connect(self.edit_cancelled)
        self.addActions([self.generate_action, self._cancel_action])
        self._fields.generate.set_shortcut(self.generate_action.shortcut())
        self._connect()
        self._show_texts()
        self._show_model()

    def set_servers(self, servers: Sequence[ServerConfig], current_id: str) -> None:
        """Offer places to make pictures; with only one there is nothing to ask."""
        combo = self._fields.server
        combo.clear()
        for server in servers:
            name = self.tr("This computer") if server.is_local else server.name
            combo.addItem(name, server.id)
        self._server_id = current_id
        self._show_server()
        self._fields.show_server_row(len(servers) > 1)

    def set_models(self, models: Sequence[ModelInfo]) -> None:
        """Offer a server's models, and choose the one that the draft asks for."""
        self._offer = (models, "")
        if self._edit is None:
            self._show_offer(models, "")

    def choose_model(self, name: str) -> None:
        """Take a model of the server that is shown, as if it had been chosen in the list."""
        self._change(model=name)
        self._choose_wished_model()
        self._show_model()

    def set_models_unavailable(self, reason: str) -> None:
        """Keep all that was typed; say why nothing can be generated."""
        self._offer = ((), reason)
        if self._edit is None:
            self._show_offer((), reason)

    @property
    def is_editing(self) -> bool:
        """Whether a waiting job is being changed."""
        return self._edit is not None

    def begin_edit(
        self, job: Job, models: Sequence[ModelInfo], values: Mapping[str, object] | None = None
    ) -> None:
        """Change a waiting job, of whose server these models are known; ``values`` are what
        ``edit_changed`` told of it before. The user's own draft is kept for ``end_edit``."""
        self._edit = _Edit(job, self._draft)
        wishes = Draft.from_values(values) if values else Draft.of_request(job.request)
        self._draft = replace(wishes, pictures=1)
        self._show_edit()
        self.set_edit_models(models)
        self.focus_prompt()

    def set_edit_models(self, models: Sequence[ModelInfo]) -> None:
        """Offer what the server of the job that is changed offers, and what the job has now."""
        if self._edit is not None:
            self._show_offer(models_for(self._edit.job.request, models), "")

    def end_edit(self) -> None:
        """Show again what the user was typing before."""
        if self._edit is not None:
            self._draft = self._edit.own_draft
            self._edit = None
            self._show_edit()
            self._show_offer(*self._offer)
            self.focus_prompt()

    def load_request(
        self, request: GenerationRequest, *, keep_seed: bool, picture_sha256: str = ""
    ) -> None:
        """Take over a kept picture's settings; what they replace comes back with undo."""
        wishes = Draft.of_request(request, picture_sha256)
        self._take_over(wishes if keep_seed else replace(wishes, seed=None))

    def load_prompt(self, prompt: str, picture_sha256: str = "") -> None:
        """Take over the words of a kept picture of which nothing else is known."""
        self._take_over(
            replace(self._draft, prompt=prompt, from_sha256=picture_sha256, from_prompt=prompt)
        )

    @property
    def parent_sha256(self) -> str:
        """Of the picture that the form varies, "" if none."""
        return self._draft.parent_sha256

    def load_values(self, values: Mapping[str, object]) -> None:
        """Take over what ``edit_changed`` told once; what it replaces comes back with undo."""
        self._take_over(Draft.from_values(values))

    def _take_over(self, wishes: Draft) -> None:
        self._draft = replace(
            wishes,
            without_open=wishes.without_open or self._draft.without_open,
            pictures=self._draft.pictures,
        )
        self._fields.prompt.replace_text(wishes.prompt)
        self._fields.without.edit.replace_text(wishes.negative_prompt)
        self._choose_wished_model()
        self._show_model()
        self._tell()

    def restore_draft(self, values: Mapping[str, object]) -> None:
        """Show again what ``draft_changed`` told; with nothing, a prompt to begin with."""
        if values:
            self._draft = Draft.from_values(values)
        self._choose_wished_model()
        self._show_texts()
        self._show_model()
        self._fields.place_caret(is_example=not values)

    def draft(self) -> dict[str, Any]:
        return dict(self._draft.to_values())

    def focus_prompt(self) -> None:
        self._fields.prompt.setFocus()

    def _connect(self) -> None:
        parts = self._fields
        parts.prompt.textChanged.connect(self._on_prompt_text_changed)
        parts.without.text_edited.connect(self._on_without_text_edited)
        parts.without.fold_toggled.connect(self._on_without_fold_toggled)
        parts.server.activated.connect(self._on_server_activated)
        parts.model.activated.connect(self._on_model_activated)
        parts.sides.size_edited.connect(self._on_size_edited)
        parts.steps.value_edited.connect(self._on_steps_value_edited)
        parts.guidance.value_edited.connect(self._on_guidance_value_edited)
        parts.seed.seed_edited.connect(self._on_seed_edited)
        parts.pictures.valueChanged.connect(self._on_pictures_value_changed)
        parts.generate.clicked.connect(self.generate_action.trigger)
        parts.cancel_edit.clicked.connect(self._cancel_action.trigger)

    def _change(self, **wishes: object) -> None:
        before, self._draft = self._draft, replace(self._draft, **wishes)  # type: ignore[arg-type]
        if self._draft != before:
            self._tell()

    def _tell(self) -> None:
        self._fields.show_prompt_problem(_length_problem(self._draft))
        told = self.draft_changed if self._edit is None else self.edit_changed
        told.emit(self.draft())

    def _show_offer(self, models: Sequence[ModelInfo], unavailable: str) -> None:
        self._unavailable = unavailable
        self._models.set_models(models, are_local=self._shown_server_id() == LOCAL_SERVER_ID)
        if not unavailable and self._models.first_installed_row() < 0:
            self._unavailable = self.tr("This server has no model that is ready to use.")
        self._choose_wished_model()
        self._show_model()

    def _show_server(self) -> None:
        combo = self._fields.server
        combo.setCurrentIndex(combo.findData(self._shown_server_id()))

    def _shown_server_id(self) -> str:
        return self._server_id if self._edit is None else self._edit.job.server_id

    def _show_edit(self) -> None:
        self._cancel_action.setEnabled(self.is_editing)
        self.generate_action.setText(self.tr("Save") if self.is_editing else self.tr("Generate"))
        self._fields.show_editing(self.is_editing)
        self._fields.show_prompt_problem(_length_problem(self._draft))
        self._show_server()
        self._show_texts()

    def _chosen_model(self) -> ModelInfo | None:
        return None if self._unavailable else self._models.info(self._fields.model.currentIndex())

    def _choose_wished_model(self) -> None:
        row = self._models.row_named(self._draft.model)
        if row < 0:
            row = self._models.first_installed_row()
        self._fields.model.setCurrentIndex(row)

    def _show_texts(self) -> None:
        self._fields.show_texts(self._draft)

    def _show_model(self) -> None:
        model = self._chosen_model()
        self._fields.show_model(model, self._draft)
        self._fields.show_notice(self._unavailable or _replaced_notice(self._draft.model, model))
        self.generate_action.setEnabled(model is not None)
        self._fields.generate.setEnabled(model is not None)

    def _show_invalid(self, error: InvalidRequestError) -> None:
        if error.field == "prompt" and not self._draft.prompt.strip():
            self._fields.show_prompt_problem(self.tr("Write what you want to see."))
            self.focus_prompt()
        elif error.field in ("prompt", "negative_prompt"):
            self._fields.show_prompt_problem(_length_problem(self._draft))
            self.focus_prompt()
        else:
            self._fields.show_notice(f"{error.field}: {error.limit}")

    def _on_generate_action_triggered(self) -> None:
        self._fields.commit()
        model = self._chosen_model()
        if model is None:
            return
        requests = self._draft.requests(model, self._draw_seed)
        try:
            model.validate(requests[0])
        except InvalidRequestError as error:
            self._show_invalid(error)
        else:
            self._hand_over(requests)

    def _hand_over(self, requests: list[GenerationRequest]) -> None:
        if self._edit is None:
            self.generate_requested.emit(requests)
        else:
            self.edit_saved.emit(requests[0])

    def _on_prompt_text_changed(self) -> None:
        self._change(prompt=self._fields.prompt.toPlainText())

    def _on_without_text_edited(self, text: str) -> None:
        self._change(negative_prompt=text)

    def _on_without_fold_toggled(self, is_open: bool) -> None:
        self._change(without_open=is_open)

    def _on_server_activated(self, row: int) -> None:
        self.server_changed.emit(self._fields.server.itemData(row))

    def _on_model_activated(self, row: int) -> None:
        model = self._models.info(row)
        if model is not None:
            self.choose_model(model.name)
        elif self._models.is_way_to_more(row):
            self._choose_wished_model()
            self.more_models_requested.emit()

    def _on_size_edited(self, size: Size) -> None:
        self._change(width=size.width, height=size.height)

    def _on_steps_value_edited(self, value: float) -> None:
        self._change(steps=round(value))

    def _on_guidance_value_edited(self, value: float) -> None:
        self._change(guidance_scale=value)

    def _on_seed_edited(self, seed: int | None) -> None:
        self._change(seed=seed)

    def _on_pictures_value_changed(self, count: int) -> None:
        self._change(pictures=count)


def _length_problem(draft: Draft) -> str:
    """What to say of texts that no server takes; nothing where there is nothing to say."""
    longest = max(len(draft.prompt.strip()), len(draft.negative_prompt.strip()))
    if longest <= MAX_PROMPT_CHARS:
        return ""
    words = QCoreApplication.translate("PromptForm", "Too long: at most %s characters can be sent.")
    return words % QLocale().toString(MAX_PROMPT_CHARS)


def _replaced_notice(wished: str, chosen: ModelInfo | None) -> str:
    """What to say where another model than the one that was wished for is used."""
    if chosen is None or not wished or wished == chosen.name:
        return ""
    words = QCoreApplication.translate(
        "PromptForm", "“{wished}” is not offered here; “{chosen}” is used instead."
    )
    return words.format(wished=model_named(wished).title, chosen=chosen.title)
