from __future__ import annotations

import os
import threading

import pytest
from playwright.sync_api import sync_playwright
from support import need
from web_form import form_gateway
from werkzeug.serving import make_server

from gateway.app import create_app

# The date field is the browser's own: in Indonesian where chromium-l10n is installed.
LANGUAGE = {"LANGUAGE": "id", "LANG": "id_ID.UTF-8"}
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_addoption(parser):
    parser.addoption("--screenshots", help="a folder that gets a picture of every page")


@pytest.fixture(scope="session")
def url(tmp_path_factory):
    """Serve the form of a gateway of its own."""
    with form_gateway(tmp_path_factory.mktemp("web")) as made:
        server = make_server("127.0.0.1", 0, create_app(made), threaded=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.port}"
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=need("chromium"), args=FLAGS, env={**os.environ, **LANGUAGE}
        )
        yield made
        made.close()


@pytest.fixture
def open_page(chromium, url):
    """Open the form in a browser window of its own."""
    windows = []

    def at(**options):
        windows.append(chromium.new_context(locale="id-ID", **options))
        page = windows[-1].new_page()
        page.goto(url)
        return page

    yield at
    for window in windows:
        window.close()
