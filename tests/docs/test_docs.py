"""What the gateway offers is written down, and what is written down is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name
from urllib.parse import unquote

import click
import pytest
from marshmallow import Schema, fields
from support import ROOT

from channels import registry
from channels.base import SourceSettings
from config.settings import load
from gateway.app import create_app
from gateway.assembly import assemble
from gateway.cli import main

PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
DEFAULTS = (ROOT / "config" / "default.toml").read_text("utf-8")
# Decisions and changes tell of the past and the future, not of what one can use today.
MANUAL = [page for page in PAGES if page.parent.name != "adr" and page.name != "CHANGELOG.md"]
WRITTEN = "\n".join(page.read_text("utf-8") for page in MANUAL)


def of_root(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- what there is, is written down ------------------------------------------------------


def routes(folder: Path) -> list[str]:
    app = create_app(assemble(load({"LAPOR_VAR_DIR": str(folder)})))
    return sorted({rule.rule for rule in app.url_map.iter_rules()})


def test_every_route_is_written_down(tmp_path):
    def is_written(route: str) -> bool:
        path = re.sub(r"<[^>]+>", "\0", route)
        spelled = re.escape(path).replace("\0", r"[^\s/`]+")
        # As a path of its own: in code, after a method or after a host.
        return bool(re.search(rf"(?:`|[A-Z]{{3,}} |//[^\s/`]+){spelled}(?![\w/])", WRITTEN))

    assert [route for route in routes(tmp_path) if not is_written(route)] == []


def commands(group: click.Group = main, above: str = "lapor") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{above} {name}")
        else:
            yield f"{above} {name}"


def test_every_command_is_written_down():
    def is_written(command: str) -> bool:
        above, _, name = command.rpartition(" ")
        # `lapor parked list`, or `lapor parked list|show|replay`
        return bool(re.search(rf"\b{above} (?:[\w|]+\|)?{name}\b", WRITTEN))

    assert [command for command in commands() if not is_written(command)] == []


class Asked(dict):
    """An environment that remembers what it was asked for."""

    def __init__(self, *given, **more):
        super().__init__(*given, **more)
        self.names: set[str] = set()

    def get(self, name, default=None):
        self.names.add(name)
        return super().get(name, default)

    def __getitem__(self, name):
        self.names.add(name)
        return super().__getitem__(name)


def variables(folder: Path) -> set[str]:
    environment = Asked(LAPOR_VAR_DIR=str(folder))
    load(environment)
    return environment.names


def test_every_environment_variable_is_written_down(tmp_path):
    read = variables(tmp_path)

    assert {"LAPOR_CONFIG", "LAPOR_STORE_URL", "PORT"} <= read
    assert [name for name in sorted(read) if not re.search(rf"\b{name}\b", WRITTEN)] == []


def test_every_setting_is_explained():
    explained = {word for piece in code(WRITTEN) for word in re.findall(r"\w+", piece)}

    assert [key for key in uncommented_keys(DEFAULTS) if key.split(".")[-1] not in explained] == []


def uncommented_keys(toml: str) -> Iterator[str]:
    """Give the keys with no comment above them, above the keys they follow or their section."""
    section, section_has, has = "", False, False
    for line in toml.splitlines():
        if line.startswith("#"):
            has = True
        elif match := re.fullmatch(r"\[([\w.]+)\]", line):
            section, section_has, has = f"{match[1]}.", has, False
        elif match := re.match(r"(\w+) *=", line):
            if not (has or section_has):
                yield section + match[1]
        elif not line.strip():
            has = False


def below(schema: type[Schema]) -> Iterator[type[Schema]]:
    """Give the schemas that stand on this one, and those that are nested in them."""
    for above in schema.__subclasses__():
        yield above
        yield from below(above)
        for field in above().fields.values():
            if isinstance(field, fields.Nested):
                yield type(field.schema)


def test_every_setting_of_every_adapter_is_written_down():
    for path in registry.ADAPTERS.values():
        resolve_name(path)  # makes its schema known
    common = set(SourceSettings().fields)
    own = {
        f"{schema.__module__}: {field.data_key or key}"
        for schema in below(SourceSettings)
        if schema.__module__.startswith("channels.")
        for key, field in schema().fields.items()
        if key not in common
    }

    assert {"channels.sms.callers: allow_from", "channels.sms.http_settings: parts"} <= own
    assert [key for key in sorted(own) if not re.search(rf"\b{key.split()[1]}\b", WRITTEN)] == []


def test_every_adapter_is_written_down():
    assert [
        name for name in registry.adapter_names() if f'"{name}"' not in WRITTEN + DEFAULTS
    ] == []


def targets() -> list[str]:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    return re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE)


def test_every_make_target_of_the_help_is_written_down():
    # `make` alone is `make help`.
    written = re.sub(r"`make`", "make help", WRITTEN)

    assert "run" in targets()
    assert [name for name in targets() if not re.search(rf"\bmake {name}\b", written)] == []


# --- what is written down, is there ------------------------------------------------------


def code(text: str) -> Iterator[str]:
    """Give every piece of code of a page: inline, and each line of a block."""
    blocks = re.findall(
        r"^```[^\n]*\n(.*?)^```|((?:^    [^\n]*\n)+)", text, re.DOTALL | re.MULTILINE
    )
    for fenced, indented in blocks:
        yield from (line.strip() for line in (fenced or indented).splitlines())
    yield from re.findall(r"`([^`\n]+)`", text)


@pytest.mark.parametrize("page", MANUAL, ids=of_root)
def test_every_command_a_page_names_exists(page):
    known = {word for command in commands() for word in prefixes(command)}
    named = {
        match[1]
        for piece in code(page.read_text("utf-8"))
        if (
            match := re.match(
                r"(?:\.venv/bin/)?(lapor [a-z]+(?: (?:list|show|replay|release))?)\b", piece
            )
        )
    }

    assert named <= known


def prefixes(command: str) -> Iterator[str]:
    words = command.split()
    return (" ".join(words[:count]) for count in range(1, len(words) + 1))


@pytest.mark.parametrize("page", MANUAL, ids=of_root)
def test_every_make_target_a_page_names_exists(page):
    makefile = (ROOT / "Makefile").read_text("utf-8")
    known = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    named = {
        match[1]
        for piece in code(page.read_text("utf-8"))
        if (match := re.match(r"make ([a-z]+)", piece))
    }

    assert named <= known


def test_every_variable_of_ours_that_is_named_is_read_or_an_example(tmp_path):
    example = (ROOT / "config" / "production.example.toml").read_text("utf-8")
    known = variables(tmp_path) | set(re.findall(r"env:(\w+)", example))

    assert set(re.findall(r"\bLAPOR_[A-Z_]+\b", WRITTEN + DEFAULTS)) <= known


@pytest.mark.parametrize("page", PAGES, ids=of_root)
def test_every_link_of_a_page_leads_somewhere(page):
    broken = [link for link in links(page) if not leads_somewhere(page, link)]

    assert broken == []


def links(page: Path) -> list[str]:
    prose = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    found = re.findall(r"\]\(<?([^)\s>]+)", re.sub(r"`[^`\n]+`", "", prose))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def leads_somewhere(page: Path, link: str) -> bool:
    path, _, anchor = unquote(link).partition("#")
    target = (page.parent / path) if path else page
    if not target.exists():
        return False
    return not (anchor and target.suffix == ".md") or anchor in anchors(target)


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ +(.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# --- the Kannel settings we recommend ----------------------------------------------------

TIMING = {"http-request-retry", "http-queue-delay", "http-timeout"}


def kannel_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if re.match(r" *[a-z-]+ *=", line)]


def recommended() -> list[str]:
    page = (ROOT / "docs" / "channels" / "kannel.md").read_text("utf-8")
    blocks = re.findall(r"^```(?!toml)[^\n]*\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    return [line for block in blocks for line in kannel_lines(block)]


def in_files() -> list[str]:
    files = sorted((ROOT / "docs" / "channels").glob("kannel*.conf"))
    return [line for file in files for line in kannel_lines(file.read_text("utf-8"))]


def test_no_kannel_setting_has_a_comment_behind_it():
    # Kannel has no such comments: they become part of the value, and go out to citizens as SMS.
    behind = re.compile(r'^[a-z-]+ *= *(?:"[^"]*"|[^\s"]+)$')

    assert recommended()
    assert [line for line in recommended() + in_files() if not behind.match(line)] == []


def test_the_kannel_settings_we_recommend_are_those_we_test():
    template = ROOT / "tests" / "e2e" / "kannel.conf.template"
    tested = {re.sub(r" *= *", "=", line) for line in kannel_lines(template.read_text("utf-8"))}
    ours = {re.sub(r" *= *", "=", line) for line in recommended()}

    untested = {
        line
        for line in ours - tested
        if line.split("=")[0] not in {*TIMING, "post-url", "password"}
    }
    assert untested == set()
    (url,) = [line for line in ours if line.startswith("post-url=")]
    parameters = set(re.findall(r"\b(\w+=%\w)", url))
    assert {"id=%I", "from=%q", "charset=%C"} <= parameters
    assert all(
        parameters <= set(re.findall(r"\b(\w+=%\w)", line))
        for line in tested
        if "post-url=" in line
    )
