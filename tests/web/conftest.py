from __future__ import annotations

import os
import threading

import pytest
from playwright.sync_api import expect, sync_playwright
from support import need
from web_form import form_gateway
from werkzeug.serving import make_server

from gateway.app import create_app

# The date field is the browser's own: in Indonesian where chromium-l10n is installed.
PATIENCE = 60_000  # milliseconds
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


@pytest.fixture(scope="session", autouse=True)
def patience():
    """A slow machine is slow: what is waited for is there at once, or not at all."""
    expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def gateway(tmp_path_factory):
    """A gateway of one's own, whose form is served."""
    with form_gateway(tmp_path_factory.mktemp("web")) as made:
        yield made


@pytest.fixture(scope="session")
def url(gateway):
    """Serve the form."""
    server = make_server("127.0.0.1", 0, create_app(gateway), threaded=True)
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
        windows[-1].set_default_timeout(PATIENCE)
        page = windows[-1].new_page()
        page.goto(url)
        return page

    yield at
    for window in windows:
        window.close()
