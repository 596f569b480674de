"""Code is cut at its functions, documents at their headings, and no line is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.retrieve import code_chunks
from galaxy_desktop.retrieve.code_chunks import LARGEST_CHUNK, chunks
from galaxy_desktop.retrieve.code_files import REDACTED, kind_of, text_of, without_secrets, worth_reading

BIG = "class Big:\n    x = 1\n" + "".join(
    f"\n    def m{n}(self):\n        '''Doc.'''\n" + "        y = 'some long line of code here'\n" * 6 for n in range(6)
)


@pytest.mark.parametrize(
    ("path", "text", "symbols"),
    [
        ("a.py", "import os\n\n\n# Says hello\n@cache\ndef hello(name):\n    return name\n\n\nclass Small:\n    def a(self): ...\n", ["", "hello", "Small"]),
        ("big.py", BIG, ["", *(f"Big.m{n}" for n in range(6))]),
        ("a.ts", 'import {x} from "./x";\n/** Saves. */\nexport const save = async (a: number) => {\n  return a;\n};\nexport class Store { get() {} }\n', ["", "save", "Store"]),
        ("a.jsx", "export default function App() {\n  return <p/>;\n}\n", ["App"]),
        ("a.go", "package main\n\ntype S struct { a int }\n\n// Do it\nfunc (s *S) Do() int { return 1 }\n", ["", "S", "Do"]),
        ("a.rs", "use std::io;\n\nimpl A {\n    fn new() -> A { A {} }\n}\n#[test]\nfn works() {}\n", ["", "A", "works"]),
        ("A.java", "package x;\n\npublic class A {\n  int g() { return 1; }\n}\n", ["", "A"]),
        ("a.cpp", "#include <x>\nint Foo::bar(int a) {\n  return a;\n}\ntemplate <class T>\nT id(T t) { return t; }\n", ["", "Foo::bar", "id"]),
        ("a.c", "static char *name(int a)\n{\n  return 0;\n}\n", ["name"]),
        ("a.rb", "require 'x'\nmodule M\n  def self.a\n    1\n  end\nend\n", ["", "M"]),
        ("a.md", "# One\n\ntext\n\n```sh\n# no heading\n```\n\nTwo\n---\n\nmore\n", ["One", "Two"]),
        ("a.sh", "set -e\n\nfoo() {\n  echo\n}\n", [""]),
        ("bad.py", "def (:\n  x\n)))\nclass", [""]),
    ],
)  # fmt: skip
def test_a_file_is_cut_where_its_authors_cut_it(path: str, text: str, symbols: list[str]) -> None:
    assert [one.symbol for one in chunks(path, text)] == symbols


def test_a_comment_and_a_decorator_belong_to_the_function_below_them() -> None:
    (one,) = chunks("a.py", "# Says hello\n@cache\ndef hello():\n    pass\n")
    assert (one.first, one.last) == (1, 4)


@pytest.mark.parametrize("path", ["a.py", "a.ts", "a.rs", "a.md", "a.sh", "a.cpp"])
@settings(max_examples=60, deadline=None)
@given(
    lines=st.lists(
        st.sampled_from(
            [
                "",
                "def f():",
                "    x = 1",
                "class A {",
                "}",
                "# t",
                "fn g() {",
                "export const h = () => {",
                "```",
                "x" * 900,
            ]
        )
    )
)
def test_every_line_that_is_not_blank_is_in_exactly_one_chunk(path: str, lines: list[str]) -> None:
    found = chunks(path, "\n".join(lines))
    covered = [n for one in found for n in range(one.first, one.last + 1)]
    assert len(covered) == len(set(covered))
    assert {n for n, line in enumerate(lines, 1) if line.strip()} <= set(covered)
    assert all(one.text == "\n".join(lines[one.first - 1 : one.last]) for one in found)


def test_without_a_grammar_code_is_cut_at_blank_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(code_chunks._GRAMMARS, "go", ("tree_sitter_nowhere", "language"))
    code_chunks._parser.cache_clear()
    (one,) = chunks("a.go", "package main\n\nfunc main() {}\n")
    code_chunks._parser.cache_clear()
    assert (one.first, one.last, one.symbol) == (1, 3, "")


def test_a_long_function_is_cut_at_ends_of_lines() -> None:
    found = chunks("a.py", "def f():\n" + "    y = 'some long line of code here'\n" * 200)
    assert len(found) > 2
    assert {one.symbol for one in found} == {"f"}
    assert all(len(one.text) <= LARGEST_CHUNK for one in found)


@pytest.mark.parametrize(
    "path",
    [
        ".env", "config/.env.production", "deploy/id_rsa", "server.pem", "keys/app.key", "secrets.yaml", "my-credentials.json",
        "node_modules/a/index.js", "vendor/x.go", "dist/app.js", "jquery.min.js", "api_pb2.py", "poetry.lock",
        "package-lock.json", "logo.png", "data.bin", "src/.venv/lib.py",
    ],
)  # fmt: skip
def test_secrets_and_what_nobody_wrote_here_are_never_read(path: str) -> None:
    assert not worth_reading(path)


@pytest.mark.parametrize(
    "path", ["src/a.py", "secrets.py", "docs/credentials.md", "Makefile", "environment.ts", "web/a.vue"]
)
def test_code_and_docs_are_read_also_when_they_speak_of_secrets(path: str) -> None:
    assert worth_reading(path)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("src/a.py", "code"), ("tests/test_a.py", "test"), ("a_test.go", "test"), ("web/a.spec.ts", "test"),
        ("src/test/java/ATest.java", "test"), ("tests/README.md", "docs"), ("src/latest.py", "code"), ("contest/a.py", "code"),
    ],
)  # fmt: skip
def test_what_a_file_is_is_told_by_its_path(path: str, kind: str) -> None:
    assert kind_of(path) == kind


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_" + "a1" * 18, "AKIA" + "ABCDEFGH12345678", "sk-ant-" + "x9" * 20, "xoxb-" + "1234567890-abc", "AIza" + "x" * 35,
    ],
)  # fmt: skip
def test_keys_are_blanked_wherever_they_stand(secret: str) -> None:
    assert without_secrets(f'key = f("{secret}")') == f'key = f("{REDACTED}")'


def test_passwords_are_blanked_and_lines_stay_where_they_are() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nabc\ndef\n-----END RSA PRIVATE KEY-----"
    text = f"password = 'correct horse'\nurl = 'postgres://me:hunter22@db/x'\nK = '''{key}'''\nlast = 1"
    found = without_secrets(text)
    assert not any(word in found for word in ("horse", "hunter22", "abc", "def"))
    assert found.splitlines()[-1] == "last = 1"
    assert found.count("\n") == text.count("\n")
    assert without_secrets("def token(self, count): ...") == "def token(self, count): ..."


@pytest.mark.parametrize(
    "data", [b"a\0b", b"\xff\xfe", b"x = 1;" * 900, b"// Code generated by x. DO NOT EDIT.\nvar a = 1\n", b""]
)
def test_what_is_no_text_of_a_person_is_left_out(data: bytes) -> None:
    assert text_of(data) is None


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    text = text_of(data)
    assert text is None or chunks("a.py", text) is not None
