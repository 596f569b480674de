"""Code cut where its authors cut it: one chunk a function, a small class whole, and what stands between them.

Tree-sitter reads the languages that it has a grammar for, and it reads broken code too. A comment right above a
definition belongs to it. What has no grammar is cut at blank lines, Markdown at its headings. Every line that is not
blank is in exactly one chunk.
"""

from __future__ import annotations

import importlib
import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from galaxy_desktop.retrieve.code_files import LANGUAGES, PROSE, ending

logger = logging.getLogger(__name__)

LARGEST_CHUNK = 2_400
"""Characters: longer definitions are cut at the ends of lines, at blank ones if they can be."""
SMALL_CLASS = 1_200
"""A class of at most so many characters is one chunk with its methods."""
BLOCK = 1_200
"""Characters of code without a grammar that share a chunk."""
DEEPEST = 12

_GRAMMARS = {
    "python": ("tree_sitter_python", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "java": ("tree_sitter_java", "language"),
    "c": ("tree_sitter_c", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
    "ruby": ("tree_sitter_ruby", "language"),
}
_FUNCTIONS = frozenset(
    {
        "function_definition", "function_declaration", "generator_function_declaration", "method_definition",
        "method_declaration", "constructor_declaration", "function_item", "method", "singleton_method", "macro_definition",
    }
)  # fmt: skip
_HOLDERS = frozenset(
    {
        "class_definition", "class_declaration", "abstract_class_declaration", "interface_declaration", "enum_declaration",
        "record_declaration", "type_declaration", "type_alias_declaration", "struct_item", "enum_item", "trait_item",
        "impl_item", "mod_item", "union_item", "class_specifier", "struct_specifier", "enum_specifier",
        "namespace_definition", "class", "module", "internal_module", "annotation_type_declaration",
    }
)  # fmt: skip
_WRAPPERS = frozenset({"decorated_definition", "export_statement", "template_declaration", "linkage_specification"})
_BODIES = frozenset(
    {"block", "class_body", "declaration_list", "field_declaration_list", "body_statement", "interface_body", "enum_body",
     "enum_body_declarations", "statement_block", "ambient_declaration", "preproc_ifdef", "preproc_if", "preproc_else"}
)  # fmt: skip
_COMMENTS = frozenset({"comment", "line_comment", "block_comment", "attribute_item"})
_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*\s*$")
_UNDERLINE = re.compile(r"^(=+|-+|~+|\^+)\s*$")
_FENCE = re.compile(r"^\s*(```|~~~)")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines of a file, the first being 1; `symbol` is the name of what they define, "" for what has none."""

    first: int
    last: int
    symbol: str
    text: str


@dataclass(frozen=True, slots=True)
class _Span:
    first: int
    last: int
    symbol: str


def chunks(path: str, text: str) -> tuple[Chunk, ...]:
    """The chunks of a file in the order of its lines."""
    lines = text.split("\n")
    if ending(path) in PROSE:
        return tuple(_cut(lines, list(_sections(lines))))
    language = LANGUAGES.get(ending(path), "")
    spans = _spans(language, text, lines) if language else []
    return tuple(_cut(lines, sorted([*spans, *_between(lines, spans)], key=lambda span: span.first)))


# --- by grammar


@cache
def _parser(language: str) -> Any:
    """The parser of a language; `None` where its grammar cannot be loaded: then blank lines have to do."""
    module, function = _GRAMMARS[language]
    try:
        library = importlib.import_module("tree_sitter")
        grammar = library.Language(getattr(importlib.import_module(module), function)())
        return library.Parser(grammar)
    except (ImportError, AttributeError, ValueError) as error:
        logger.info("code of %s is cut at blank lines: %s", language, error)
        return None


def _spans(language: str, text: str, lines: Sequence[str]) -> list[_Span]:
    parser = _parser(language)
    if parser is None:
        return []
    tree = parser.parse(text.encode("utf-8", "replace"))
    taken: list[_Span] = []
    last = 0
    for span in sorted(_definitions(tree.root_node, "", 0), key=lambda one: (one.first, -one.last)):
        first = max(span.first, last + 1)
        if first <= span.last <= len(lines):
            taken.append(_Span(first, span.last, span.symbol))
            last = span.last
    return taken


def _definitions(node: Any, within: str, depth: int) -> Iterator[_Span]:
    """The functions and small classes in a node; large classes are gone into, their own lines are left between."""
    if depth > DEEPEST:
        return
    above: Any = None
    for child in node.named_children:
        kind = child.type
        if kind in _COMMENTS:
            above = child if above is None or above.end_point[0] + 1 < child.start_point[0] else above
            last_comment = child.end_point[0]
            continue
        begins = above if above is not None and last_comment + 1 >= child.start_point[0] else child
        above = None
        inner = _inner(child)
        name = _named(inner, within)
        if inner.type in _FUNCTIONS or _is_named_function(inner):
            yield _lines_of(begins, child, name)
        elif inner.type in _HOLDERS:
            if child.end_byte - child.start_byte <= SMALL_CLASS:
                yield _lines_of(begins, child, name)
            else:
                yield from _definitions(inner, name, depth + 1)
        elif kind in _BODIES or kind in _WRAPPERS:
            yield from _definitions(child, within, depth + 1)


def _inner(node: Any) -> Any:
    """The definition behind decorators, `export` and template parameters."""
    while node.type in _WRAPPERS:
        found = [
            one
            for one in node.named_children
            if one.type in _FUNCTIONS | _HOLDERS | _WRAPPERS or _is_named_function(one)
        ]
        if not found:
            return node
        node = found[-1]
    return node


def _is_named_function(node: Any) -> bool:
    """`const save = () => ...`: a function that is defined by giving it a name."""
    if node.type not in ("lexical_declaration", "variable_declaration"):
        return False
    values = [one.child_by_field_name("value") for one in node.named_children if one.type == "variable_declarator"]
    return any(
        value is not None and value.type in ("arrow_function", "function_expression", "function") for value in values
    )


def _named(node: Any, within: str) -> str:
    name = _name(node)
    return f"{within}.{name}" if within and name else name or within


def _name(node: Any) -> str:
    """What a node defines: its name, the type of an `impl`, the declarator of a C function."""
    for field in ("name", "type", "declarator"):
        found = node.child_by_field_name(field)
        if found is None or (field == "type" and node.type != "impl_item"):
            continue
        while found.type != "qualified_identifier" and found.child_by_field_name("declarator") is not None:
            found = found.child_by_field_name("declarator")
        return _text(found)
    if node.type in ("type_declaration", "lexical_declaration", "variable_declaration") and node.named_children:
        return _name(node.named_children[0])
    return ""


def _text(node: Any) -> str:
    return bytes(node.text or b"").decode("utf-8", "replace").split("\n", 1)[0][:120]


def _lines_of(begins: Any, ends: Any, symbol: str) -> _Span:
    row, column = ends.end_point
    last = row if column == 0 and row > ends.start_point[0] else row + 1
    return _Span(begins.start_point[0] + 1, last, symbol)


# --- by lines


def _between(lines: Sequence[str], spans: Sequence[_Span]) -> Iterator[_Span]:
    """What no definition covers: runs of lines, cut at blank ones so that chunks stay small."""
    covered = {line for span in spans for line in range(span.first, span.last + 1)}
    start, size, blank = 0, 0, False
    for number, line in enumerate(lines, 1):
        if number in covered or (blank and size > BLOCK // 2 and line.strip()):
            if start:
                yield _Span(start, number - 1, "")
            start, size = 0, 0
        if number not in covered and line.strip():
            start = start or number
            size += len(line) + 1
        blank = not line.strip()
    if start:
        yield _Span(start, len(lines), "")


def _sections(lines: Sequence[str]) -> Iterator[_Span]:
    """Parts of a document from one heading to the next; a heading in a block of code is none."""
    start, title, fenced = 1, "", False
    for number, line in enumerate(lines, 1):
        fenced ^= bool(_FENCE.match(line))
        heading = _HEADING.match(line) if not fenced else None
        below = lines[number] if number < len(lines) else ""
        named = heading[2] if heading else line.strip() if _underlined(line, below) and not fenced else ""
        if named:
            if number > start:
                yield _Span(start, number - 1, title)
            start, title = number, named
    yield _Span(start, len(lines), title)


def _underlined(line: str, below: str) -> bool:
    text = line.strip()
    return (
        bool(text)
        and not text.startswith(("-", "*", "|", "="))
        and bool(_UNDERLINE.match(below))
        and len(below.strip()) >= len(text)
    )


def _cut(lines: Sequence[str], spans: Sequence[_Span]) -> Iterator[Chunk]:
    """Spans as chunks without blank lines around them, long ones in several."""
    for span in spans:
        first, last = span.first, min(span.last, len(lines))
        while True:
            while first <= last and not lines[first - 1].strip():
                first += 1
            if first > last:
                break
            end = shown = _end_within(lines, first, last)
            while not lines[shown - 1].strip():
                shown -= 1
            yield Chunk(first, shown, span.symbol, "\n".join(lines[first - 1 : shown]))
            first = end + 1


def _end_within(lines: Sequence[str], first: int, last: int) -> int:
    """The last line that still fits into a chunk; behind a blank line of its second half where there is one."""
    size, end = 0, first
    for number in range(first, last + 1):
        size += len(lines[number - 1]) + 1
        if size > LARGEST_CHUNK and number > first:
            break
        end = number
    if end == last:
        return last
    blank = [number for number in range(first + (end - first) // 2, end + 1) if not lines[number - 1].strip()]
    return blank[-1] if blank else end
