"""The floor: what Flask under the same server can do when it does nothing."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.post("/in/twilio")
def nothing():
    return "", 204


@app.get("/livez")
def alive():
    return "ok"
