"""The style sheet, with the colors of `theme.Colors` between @ signs."""

from __future__ import annotations

SHEET = """
QMainWindow, QDialog { background: @window@; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QScrollArea#page { border: 2px solid transparent; }
QScrollArea#page[ringed="true"] { border: 2px solid @accent@; border-radius: 4px; }
QLabel[muted="true"] { color: @muted@; }
QLabel[tone="good"] { color: @good@; }
QLabel[tone="watch"] { color: @watch@; }
QLabel[tone="bad"] { color: @bad@; }
QLabel[tone="quiet"] { color: @muted@; }
QToolTip { background: @surface@; color: @text@; border: 1px solid @line@; padding: 5px 7px; }

QFrame[card="true"] { background: @surface@; border: 1px solid @line@; border-radius: 10px; }
QFrame[bar="plain"] { background: @surface@; border: 1px solid @line@; border-radius: 8px; }
QFrame[bar="good"] { background: @good_soft@; border: 1px solid @line@; border-radius: 8px; }
QFrame[bar="watch"] { background: @watch_soft@; border: 1px solid @line@; border-radius: 8px; }
QFrame[bar="bad"] { background: @bad_soft@; border: 1px solid @line@; border-radius: 8px; }
QFrame[bar="accent"] { background: @accent_soft@; border: 1px solid @line@; border-radius: 8px; }
QFrame[rule="true"] { background: @line@; border: none; max-height: 1px; min-height: 1px; }

QFrame#side { background: @side@; border: none; border-right: 1px solid @line@; }
QFrame#panel { background: @surface@; border: none; border-left: 1px solid @line@; }
QFrame#top { background: @window@; border: none; border-bottom: 1px solid @line@; }
QStatusBar { background: @side@; border-top: 1px solid @line@; color: @muted@; }
QStatusBar::item { border: none; }
QScrollArea, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QFrame#panel QScrollArea { background: transparent; }

QToolButton[nav="true"] {
    background: transparent; color: @text@; border: none; border-radius: 8px; padding: 8px 10px; text-align: left;
}
QToolButton[nav="true"][low="true"] { padding: 2px 10px; }
QToolButton[nav="true"][low="true"]:focus { padding: 0px 8px; }
QToolButton[nav="true"]:hover { background: @hover@; }
QToolButton[nav="true"]:checked { background: @accent_soft@; color: @accent@; }
QToolButton[nav="true"]:focus { border: 2px solid @accent@; padding: 6px 8px; }

QPushButton {
    background: @surface@; color: @text@; border: 1px solid @line@; border-radius: 7px; padding: 6px 14px; min-height: 1.3em;
}
QPushButton:hover { background: @hover@; }
QPushButton:focus, QToolButton:focus { outline: none; }
QPushButton:pressed { background: @accent_soft@; }
QPushButton:focus { border: 2px solid @accent@; padding: 5px 13px; }
QPushButton:disabled { color: @muted@; background: @window@; }
QPushButton:checked { background: @accent_soft@; color: @accent@; border-color: @accent@; }
QPushButton[primary="true"] { background: @accent@; color: @on_accent@; border: 1px solid @accent@; font-weight: 600; }
QPushButton[primary="true"]:hover { border: 2px solid @text@; padding: 5px 13px; }
QPushButton[primary="true"]:focus { border: 2px solid @text@; padding: 5px 13px; }
QPushButton[primary="true"]:disabled { background: @line@; color: @muted@; border-color: @line@; }
QPushButton[danger="true"] { color: @bad@; border: 1px solid @bad@; }
QPushButton[danger="true"]:hover { background: @bad_soft@; }
QPushButton[danger="true"]:focus { border: 2px solid @bad@; padding: 5px 13px; }
QPushButton[flat="true"] { background: transparent; border: 1px solid transparent; }
QPushButton[flat="true"]:hover { background: @hover@; }
QPushButton[flat="true"]:focus { border: 2px solid @accent@; }
QPushButton[link="true"] {
    background: transparent; border: 1px solid transparent; color: @accent@; padding: 2px 0px; text-align: left; min-height: 0;
}
QPushButton[link="true"]:hover { text-decoration: underline; }
QPushButton[link="true"]:focus { border: 1px solid @accent@; text-decoration: underline; }
QPushButton[chip="true"] {
    background: @accent_soft@; color: @accent@; border: 1px solid transparent; border-radius: 9px;
    padding: 1px 8px; min-height: 0;
}
QPushButton[chip="true"]:hover { border: 1px solid @accent@; }
QPushButton[chip="true"]:focus { border: 2px solid @accent@; padding: 0px 7px; }
QPushButton::menu-indicator { image: none; width: 0; }
QToolButton { background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 4px; color: @text@; }
QToolButton:hover { background: @hover@; }
QToolButton:focus { border: 2px solid @accent@; padding: 3px; }

QLineEdit, QPlainTextEdit, QComboBox {
    background: @surface@; color: @text@; border: 1px solid @line@; border-radius: 7px; padding: 5px 9px; min-height: 1.3em;
    selection-background-color: @accent@; selection-color: @on_accent@;
}
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus { border: 2px solid @accent@; padding: 4px 8px; }
QAbstractSpinBox {
    background: @surface@; color: @text@; border: 1px solid @line@; border-radius: 7px; padding: 5px 2px 5px 9px; min-height: 1.3em;
    selection-background-color: @accent@; selection-color: @on_accent@;
}
QAbstractSpinBox:focus { border: 2px solid @accent@; padding: 4px 1px 4px 8px; }
QLineEdit:disabled, QSpinBox:disabled, QComboBox:disabled { color: @muted@; background: @window@; }
QLineEdit:read-only { background: @window@; }
QAbstractSpinBox QLineEdit { border: none; background: transparent; padding: 0px 6px; min-height: 0; }
QAbstractSpinBox QLineEdit:focus { border: none; padding: 0px 6px; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url(@chevron@); width: 12px; height: 12px; }
QComboBox QAbstractItemView {
    background: @surface@; color: @text@; border: 1px solid @line@; padding: 4px; outline: none;
    selection-background-color: @accent_soft@; selection-color: @accent@;
}
QSpinBox::up-button, QSpinBox::down-button, QDateEdit::drop-down, QDateTimeEdit::drop-down { border: none; width: 20px; background: transparent; }
QSpinBox::up-arrow { image: url(@up@); width: 10px; height: 10px; }
QSpinBox::down-arrow { image: url(@chevron@); width: 10px; height: 10px; }
QDateEdit::down-arrow, QDateTimeEdit::down-arrow { image: url(@chevron@); width: 12px; height: 12px; }

QTableView, QListView, QTreeView {
    background: @surface@; color: @text@; border: 1px solid @line@; border-radius: 10px; outline: none;
    gridline-color: @line@; alternate-background-color: @hover@;
    selection-background-color: @accent_soft@; selection-color: @text@;
}
QListView#cards { background: transparent; border: none; }
QTableView[inpage="true"] { border: 2px solid transparent; border-radius: 0; }
QTableView::item { padding: 6px 8px; border: none; }
QTableView:focus, QListView:focus { border: 2px solid @accent@; }
QListView#cards:focus { border: none; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section {
    background: @surface@; color: @muted@; border: none; border-bottom: 1px solid @line@; padding: 7px 11px; font-weight: 600;
}
QHeaderView::section:first { border-top-left-radius: 9px; }
QHeaderView::section:last { border-top-right-radius: 9px; }
QHeaderView::section:hover { color: @text@; }
QHeaderView::up-arrow { image: url(@up@); width: 10px; height: 10px; }
QHeaderView::down-arrow { image: url(@chevron@); width: 10px; height: 10px; }
QTableCornerButton::section { background: @surface@; border: none; }

QTabWidget::pane { border: none; }
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab {
    background: transparent; color: @muted@; border: none; border-bottom: 3px solid transparent; padding: 8px 4px; margin-right: 20px;
}
QTabBar::tab:selected { color: @text@; border-bottom: 3px solid @accent@; }
QTabBar::tab:hover { color: @text@; }
QTabBar::tab:focus { color: @accent@; }

QMenu { background: @surface@; color: @text@; border: 1px solid @line@; border-radius: 8px; padding: 5px; }
QMenu::item { padding: 6px 26px 6px 12px; border-radius: 5px; }
QMenu::item:selected { background: @accent_soft@; color: @accent@; }
QMenu::item:disabled { color: @muted@; }
QMenu::separator { height: 1px; background: @line@; margin: 5px 8px; }

QSlider::groove:horizontal { background: @line@; height: 6px; border-radius: 3px; }
QSlider::sub-page:horizontal { background: @accent@; height: 6px; border-radius: 3px; }
QSlider::handle:horizontal {
    background: @surface@; border: 2px solid @accent@; width: 12px; height: 12px; margin: -5px 0; border-radius: 8px;
}
QSlider::handle:horizontal:focus { background: @accent@; }
QSlider::handle:horizontal:disabled { border-color: @line@; }
QSlider::sub-page:horizontal:disabled { background: @line@; }
QScrollBar:vertical { background: transparent; width: 11px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 11px; margin: 0; }
QScrollBar::handle { background: @line@; border-radius: 4px; min-height: 32px; min-width: 32px; margin: 2px; }
QScrollBar::handle:hover { background: @muted@; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QCheckBox, QRadioButton { spacing: 8px; padding: 2px 5px 2px 1px; border: 1px solid transparent; border-radius: 5px; }
QCheckBox:focus, QRadioButton:focus { outline: none; border: 1px solid @accent@; }
QCheckBox::indicator, QRadioButton::indicator { width: 16px; height: 16px; border: 1px solid @muted@; background: @surface@; }
QListView::indicator { width: 16px; height: 16px; border: 1px solid @muted@; background: @surface@; }
QListView::indicator:checked { background: @accent@; border-color: @accent@; image: url(@tick@); }
QListView::item { padding: 3px 2px; }
QCheckBox::indicator, QListView::indicator { border-radius: 4px; }
QRadioButton::indicator { border-radius: 9px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: @accent@; }
QCheckBox::indicator:checked { background: @accent@; border-color: @accent@; image: url(@tick@); }
QRadioButton::indicator:checked { border: 5px solid @accent@; width: 8px; height: 8px; background: @on_accent@; }
QSplitter::handle { background: @line@; }
"""
