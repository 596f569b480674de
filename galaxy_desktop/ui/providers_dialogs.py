"""The dialogs about providers: entering one, agreeing to what it is sent, and removing it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from galaxy_desktop.domain.providers import PURPOSE_WORDS, Provider, ProviderKind, Purpose, Reach, reach_of
from galaxy_desktop.ui.theme import Role, Tone, text_label
from galaxy_desktop.ui.widgets.surface import restyle

KINDS = (
    (ProviderKind.OPENAI, "OpenAI-compatible server", "http://localhost:11434"),
    (ProviderKind.ANTHROPIC, "Anthropic", "https://api.anthropic.com"),
)
INTRO = (
    "Ollama, llama-server, vLLM, LM Studio, OpenAI and Gemini's compatible address are OpenAI-compatible. "
    "Nothing is sent before you agree to it, for each purpose apart. Models count in tokens: pieces of words, about four "
    "for three words."
)
NUMBERS = {
    "price_in": ("Price in", "of a million tokens sent; empty: not known"),
    "price_out": ("Price out", "of a million tokens that come back"),
    "tokens_a_day": ("Tokens a day", "most of them, both ways; empty: any number"),
    "money_a_day": ("Money a day", "most of it, by the prices; empty: no limit"),
}
USUAL_TOKENS = 200_000


class ProviderDialog(QDialog):
    """Kind, address, model, key, prices and limits of a provider; stays open until what was entered could be kept."""

    wants_test = Signal(object, str)
    wants_keep = Signal()

    def __init__(self, parent: QWidget, provider: Provider | None, *, has_key: bool = False) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Change {provider.name}" if provider else "Add a provider")
        self.setMinimumWidth(560)
        self.name, self.address, self.model, self.key = (QLineEdit() for _ in range(4))
        self.kind = QComboBox()
        for kind, title, _ in KINDS:
            self.kind.addItem(title, str(kind))
        self.numbers = {name: QLineEdit() for name in NUMBERS}
        self._provider, self._has_key, self._touched, self._testing = provider, has_key, False, False
        self.note = text_label("", Role.SMALL, wrap=True)
        self.test = QPushButton("Test")
        self._lay_out()
        self._fill(provider)
        self._arrange()

    def _lay_out(self) -> None:
        self.name.setPlaceholderText("ollama")
        self.model.setPlaceholderText("as the provider calls it, such as llama3.1:8b")
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        rows: list[tuple[str, QWidget]] = [
            ("Name", self.name), ("Kind", self.kind), ("Address", self.address), ("Model", self.model), ("Key", self.key),
        ]  # fmt: skip
        for name, (label, hint) in NUMBERS.items():
            self.numbers[name].setPlaceholderText(hint)
            self.numbers[name].setToolTip(f"{hint[:1].upper()}{hint[1:]}.")
            rows.append((label, self.numbers[name]))
        for label, field in rows:
            field.setAccessibleName(label)
            form.addRow(label, field)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.keep = self.buttons.addButton("Keep", QDialogButtonBox.ButtonRole.AcceptRole)
        self.keep.setProperty("primary", True)
        self.buttons.addButton(self.test, QDialogButtonBox.ButtonRole.ActionRole)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addWidget(text_label(INTRO, muted=True, wrap=True))
        column.addLayout(form)
        column.addWidget(self.note)
        column.addWidget(self.buttons)
        self.buttons.accepted.connect(self.wants_keep)
        self.buttons.rejected.connect(self.reject)
        self.test.clicked.connect(lambda _checked: self._test())
        self.kind.activated.connect(lambda _index: self._arrange())
        for line in (self.name, self.address, self.model, self.key, *self.numbers.values()):
            line.textEdited.connect(lambda _text: self._arrange())
        self.numbers["tokens_a_day"].textEdited.connect(lambda _text: self._touch())

    def _fill(self, provider: Provider | None) -> None:
        self.key.setPlaceholderText("kept in the keyring; leave empty to keep it" if self._has_key else "none")
        if provider is None:
            return
        self.name.setText(provider.name)
        self.name.setReadOnly(True)
        self.kind.setCurrentIndex(self.kind.findData(str(provider.kind)))
        self.address.setText(provider.address)
        self.model.setText(provider.model)
        for name, line in self.numbers.items():
            value = getattr(provider, name)
            line.setText("" if value is None else f"{value:g}" if isinstance(value, float) else str(value))

    def provider(self) -> Provider | None:
        """What was entered; `None` while something is missing or is no number."""
        try:
            numbers = {name: _number(line.text()) for name, line in self.numbers.items()}
        except ValueError:
            return None
        name, address, model = (line.text().strip() for line in (self.name, self.address, self.model))
        if not (name and address and model):
            return None
        tokens = numbers["tokens_a_day"]
        return Provider(
            name=name.lower(),
            kind=KINDS[self.kind.currentIndex()][0],
            address=address,
            model=model,
            price_in=numbers["price_in"],
            price_out=numbers["price_out"],
            tokens_a_day=None if tokens is None else int(tokens),
            money_a_day=numbers["money_a_day"],
        )

    @property
    def entered_key(self) -> str:
        """The key that was typed, "" for the one that is kept."""
        return self.key.text().strip()

    def say(self, sentence: str, tone: Tone | None = None) -> None:
        """Say how a test or keeping went."""
        self.note.setText(sentence)
        self.note.setVisible(bool(sentence))
        self.note.setProperty("tone", str(tone) if tone else None)
        restyle(self.note)
        self._arrange()
        self._make_room()

    def _make_room(self) -> None:
        """Grow by the lines that were said: else the fields would be pressed together for them."""
        column = self.layout()
        if column is not None:
            column.activate()
            self.resize(self.width(), max(self.height(), column.totalHeightForWidth(self.width())))

    def tested(self, works: bool, sentence: str) -> None:
        """A test came back."""
        self._testing = False
        self.say(sentence, Tone.GOOD if works else Tone.BAD)

    def _test(self) -> None:
        provider = self.provider()
        if provider is not None and not self._testing:
            self._testing = True  # the button stays as it is: one that is switched off hands the keyboard to Cancel
            self.say("Asking for one word. Nothing of yours is sent …")
            self.wants_test.emit(provider, self.entered_key)

    def _touch(self) -> None:
        self._touched = True

    def _arrange(self) -> None:
        """Offer what can be done with what was entered; a provider on the internet begins with a limit."""
        self.address.setPlaceholderText(KINDS[self.kind.currentIndex()][2])
        if self._provider is None and not self._touched:
            host = self.address.text().partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]
            far = bool(host) and reach_of(host) is Reach.FAR
            self.numbers["tokens_a_day"].setText(str(USUAL_TOKENS) if far else "")
        complete = self.provider() is not None
        self.test.setEnabled(complete)
        self.keep.setEnabled(complete)
        self.note.setVisible(bool(self.note.text()))


class ConsentDialog(QDialog):
    """Says what a purpose sends and where, shows the last such text word for word, and asks."""

    def __init__(self, parent: QWidget, purpose: Purpose, name: str, line: str, last: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"{PURPOSE_WORDS[purpose]} by {name}")
        self.setMinimumWidth(600)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addWidget(text_label(f"Let {name} word this?", Role.HEADING))
        column.addWidget(text_label(line, wrap=True))
        note = "What comes back is checked like everything a model writes. You can take this back at any time, in Settings."
        column.addWidget(text_label(note, muted=True, wrap=True))
        self.show_text = QPushButton("Show the last text that a model was asked")
        self.show_text.setCheckable(True)
        self.text = QPlainTextEdit(last)
        self.text.setReadOnly(True)
        self.text.setAccessibleName("The last text, word for word")
        self.text.setMinimumHeight(220)
        self.text.hide()
        self.show_text.toggled.connect(self._unfold)
        column.addWidget(self.show_text)
        column.addWidget(self.text)
        buttons = QDialogButtonBox()
        no = buttons.addButton("Not now", QDialogButtonBox.ButtonRole.RejectRole)
        self.agree = buttons.addButton("Agree", QDialogButtonBox.ButtonRole.AcceptRole)
        self.agree.setProperty("primary", True)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        no.setDefault(True)
        no.setFocus()

    def _unfold(self, shown: bool) -> None:
        self.text.setVisible(shown)
        self.show_text.setText("Hide the text" if shown else "Show the last text that a model was asked")
        self.adjustSize()


class RemoveDialog(QDialog):
    """Asks before a provider and its key are removed."""

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Remove {name}")
        self.setMinimumWidth(420)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addWidget(text_label(f"Remove {name}?", Role.HEADING))
        said = "Its key leaves the keyring, and what you agreed to is forgotten. What it used stays in the record of costs."
        column.addWidget(text_label(said, wrap=True))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton("Remove", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)


def _number(text: str) -> float | None:
    """A number as it was typed, `None` for nothing; raises `ValueError` for what is none."""
    bare = text.strip().replace("_", "").replace(",", ".")
    return float(bare) if bare else None
