"""What every test of a page does: fill it, wait for it, and look for barriers."""

from __future__ import annotations

import io
from importlib.resources import files

from PIL import Image
from playwright.sync_api import expect

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "rules": {"target-size": {"enabled": True}},  # WCAG 2.2's, which axe leaves out by default
}
# What is wider than the window, or out of it, or cut off by what it is in.
CUT = """() => {
  const wide = document.documentElement.clientWidth;
  const hidden = '.unseen, .unseen *, .trap, .trap *, .skip:not(:focus)';
  const found = [];
  if (document.documentElement.scrollWidth > wide) found.push('scrolls sideways');
  for (const part of document.body.querySelectorAll('*')) {
    if (part.matches(hidden) || !part.getClientRects().length) continue;
    const {left, right} = part.getBoundingClientRect();
    const clips = getComputedStyle(part).overflowX !== 'visible';
    const typed = part.matches('input, textarea');
    const cuts = clips && !typed && part.scrollWidth > part.clientWidth;
    if (left < -0.5 || right > wide + 0.5 || cuts)
      found.push(part.outerHTML.slice(0, 120));
  }
  return found;
}"""


def fill(page, **changed):
    for label, said in {
        "Judul laporan": "Lampu jalan padam",
        "Isi laporan": "Lampu di depan pasar padam sejak seminggu lalu.",
        "Tanggal kejadian": "2026-01-15",
        "Lokasi kejadian": "Jalan Melati, Sukamaju",
        **changed,
    }.items():
        page.get_by_label(label).fill(said)


def press(page, words):
    page.get_by_role("button", name=words).click()


def a_file(name, size=(60, 40)):
    made = io.BytesIO()
    Image.new("RGB", size, "orange").save(made, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": made.getvalue()}


def barriers(page):
    """Give what axe-core finds against WCAG 2.2 AA: the rule, and where."""
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [(broken["id"], [node["html"] for node in broken["nodes"]]) for broken in found]


def is_headed(page, words):
    expect(page.get_by_role("heading", name=words, exact=True)).to_be_visible()
