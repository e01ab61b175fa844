"""The web form against hostile input, and what each of its answers carries."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser

import pytest
from hostile import NEEDLES
from web_form import TYPED, check, form_gateway, send

from channels.submission import clean
from gateway.app import create_app
from gateway.drafts import Drafts

TAGS = {
    *("html", "head", "meta", "title", "link", "script", "body", "header", "nav", "main", "footer"),
    *("section", "div", "a", "p", "strong", "span", "h1", "h2", "ul", "ol", "li", "dl", "dt", "dd"),
    *("form", "fieldset", "legend", "input", "label", "textarea", "button"),
}
TYPED_IN = ("title", "body", "incident_location", "agency", "category", "name", "phone", "email")

BIG = "x" * 2_000_000


@pytest.fixture
def gateway(tmp_path):
    most = 1_000_000
    with form_gateway(tmp_path, reports_a_day_contact=most, reports_a_day_address=most) as made:
        yield made


@pytest.fixture
def client(gateway):
    return create_app(gateway).test_client()


class Page(HTMLParser):
    """What a browser makes of a page: its elements, what its fields hold, and its words."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.fields, self.words = [], [], {}, []
        self._inside = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        self.tags.append(tag)
        self.attributes += attrs
        if tag in {"input", "textarea"}:
            self.fields[named.get("id", named.get("name"))] = named.get("value", "")
        self._inside = named.get("id") if tag == "textarea" else None

    def handle_data(self, data):
        if self._inside:
            self.fields[self._inside] = data.removeprefix("\n")
        else:
            self.words.append(data)

    def handle_endtag(self, tag):
        self._inside = None

    def assert_harmless(self):
        assert set(self.tags) <= TAGS, set(self.tags) - TAGS
        assert self.tags.count("script") <= 1
        for name, value in self.attributes:
            assert not name.startswith("on"), name
            assert name != "style"
            if name in {"href", "src", "action"}:
                assert value.startswith(("/", "#", "http://127.0.0.1:", "data:image/svg")), value


def test_hostile_text_stays_text_in_every_field_of_every_page(client):
    assert len(NEEDLES) == 200
    for needle in NEEDLES:
        everywhere = dict.fromkeys([*TYPED, *TYPED_IN, "instansi", "situs"], needle)
        wrong = check(client, **everywhere)
        assert wrong.status_code == 422
        page = Page(wrong.text)
        page.assert_harmless()
        for name in TYPED_IN:
            assert page.fields[name] == clean(needle), name
        right = dict.fromkeys([name for name in TYPED_IN if name not in {"phone", "email"}], needle)
        checked = check(client, **right)
        for seen in (client.get(checked.location), client.get(send(client, **right))):
            assert seen.status_code == 200
            page = Page(seen.text)
            page.assert_harmless()
            assert clean(needle).strip() in map(str.strip, page.words)


def test_hostile_addresses_stay_text(client):
    for needle in NEEDLES:
        asked = {"instansi": needle, "draft": needle, "nomor": needle}
        for path in ("/", "/laporan"):
            answer = client.get(path, query_string=asked, follow_redirects=True)
            page = Page(answer.text)
            page.assert_harmless()
            assert needle not in answer.text


def test_the_first_view_is_light(client):
    page = client.get("/")
    wanted = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    assert len(wanted) + 1 <= 3
    bodies = [page.data]
    for path in wanted:
        with client.get(path) as answer:
            bodies.append(answer.data)
    assert sum(len(gzip.compress(body)) for body in bodies) <= 30_000


def test_every_answer_of_every_route_has_the_security_headers(gateway):
    app = create_app(gateway)
    asked = {
        (method, re.sub(r"<[^>]+>", "x", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in [*rule.methods, "DELETE"]  # which none of them takes
    }
    assert len(asked) > len(list(app.url_map.iter_rules()))
    for method, path in {*asked, ("GET", "/no-such-page")}:
        with app.test_client().open(path, method=method) as answer:
            headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == "no-referrer", path


def test_what_breaks_is_told_in_words_and_the_typed_ones_are_kept(client, monkeypatch):
    def broken(*_):
        raise RuntimeError

    monkeypatch.setattr(Drafts, "keep", broken)
    answer = check(client)
    assert answer.status_code == 500
    assert Page(answer.text).fields["title"] == TYPED["title"]
    for path, status in {"/static/nothing": 404, "/laporan": 413}.items():
        answer = client.open(path, method="POST" if status == 413 else "GET", data={"body": BIG})
        assert answer.status_code == status
        assert answer.mimetype == "text/html"
        assert "<h1>" in answer.text
