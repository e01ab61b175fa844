"""The form's pages. What they need of the gateway is handed to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request

from channels.base import ChannelError, InboundMessage, KeyReused, TooManyRequests
from channels.submission import LONGEST_BODY, LONGEST_TITLE
from channels.web import files, form, wording
from channels.web.given import Draft, Given, Similar

COOKIE = "lapor_form"
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; img-src data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


def blueprint(given: Given) -> Blueprint:
    """Build `/`, `/laporan` and what is below it."""
    routes = Blueprint(
        "web",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/static",
    )
    pages = _Pages(given)
    routes.add_url_rule("/", "start", pages.start)
    routes.add_url_rule("/laporan", "find", pages.find)
    routes.add_url_rule("/laporan", "submit", pages.submit, methods=["POST"])
    routes.add_url_rule("/laporan/periksa/<token>", "check", pages.check)
    routes.add_url_rule("/laporan/<number>", "status", pages.status)
    routes.add_url_rule("/laporan/<number>/<secret>", "own", pages.own)
    routes.add_url_rule("/laporan/<number>/<secret>", "separate", pages.separate, methods=["POST"])

    for name, spelled in wording.filters(given.zone).items():
        routes.add_app_template_filter(spelled, name)
    routes.add_app_template_filter(form.has_personal)
    routes.after_request(pages.in_words)
    return routes


class _Pages:
    def __init__(self, given: Given):
        self._given = given

    def start(self) -> Response:
        """Show the form: empty, or with a draft that is to be changed."""
        browser = self._browser()
        token = request.args.get("draft", "")
        draft = self._given.drafts.read(token, browser) if token else None
        if draft is None:
            token = self._given.drafts.new(browser)
        elif draft.number:
            return self._receipt(draft.number)
        typed = dict(draft.typed) if draft else {}
        typed.setdefault("instansi", form.slug(request.args.get("instansi")))
        return self._form(browser, token, typed, {})

    def submit(self) -> Response:
        """Take a step: to the check page, or from there to the receipt."""
        self._let_files_in()
        browser, token = self._browser(), request.form.get("draft", "")
        draft = self._given.drafts.read(token, browser)
        if draft is None:
            again = self._given.drafts.new(browser)
            return self._form(browser, again, form.typed(request.form), {"": wording.STALE}, 400)
        if request.form.get("langkah") == "kirim":
            return self._send(browser, token, draft)
        return self._keep(browser, token, draft)

    def _let_files_in(self) -> None:
        """Give files room beside the words, whose limit stays; each is measured when it is kept.

        Room for some more, so that too many and too large ones are told by name.
        """
        if request.mimetype == "multipart/form-data":
            room = 2 * self._given.files.most * self._given.files.largest
            request.max_content_length = (request.max_content_length or 0) + room

    def check(self, token: str) -> Response:
        """Show what will be sent; nothing is sent yet."""
        browser = self._browser()
        draft = self._given.drafts.read(token, browser)
        if draft is None or not (draft.typed or draft.number):
            return self._page(redirect("/", 303), browser)
        if draft.number:
            return self._receipt(draft.number)
        now = self._given.clock()
        loaded, errors = form.load(draft.typed, now, self._given.zone)
        if errors:
            return self._form(browser, token, draft.typed, errors, 422)
        similar = self._similar(draft, form.message(loaded, draft.id, draft.typed, now))
        shown = render_template(
            "web/check.html",
            typed=draft.typed,
            similar=similar,
            none_of_them=form.NONE_OF_THEM,
            files=self._given.files.find(files.ids(draft.typed)),
            suggested=self._suggested(draft),
            token=token,
            words=wording,
        )
        return self._page(Response(shown), browser)

    def find(self) -> Response:
        """Ask for a number, and lead to its page."""
        if asked := request.args.get("nomor", "").strip():
            return self._page(redirect(f"/laporan/{form.path(asked)}", 303))
        return self._page(Response(render_template("web/find.html")))

    def status(self, number: str) -> Response:
        """Tell anybody how a complaint stands that is not confidential."""
        return self._view(number, None)

    def own(self, number: str, secret: str) -> Response:
        """Show the reporter what was sent and what became of it."""
        return self._view(number, secret)

    def separate(self, number: str, secret: str) -> Response:
        """Take the reporter's word that it is another matter than what it was joined with."""
        try:
            if not self._given.separate(number, secret, request.remote_addr or ""):
                return self._view(number, secret)
        except TooManyRequests:
            return self._view(number, secret)
        return self._page(redirect(request.path, 303))

    def in_words(self, response: Response) -> Response:
        """Say in a citizen's words what went wrong: the gateway's own errors are for programs."""
        if response.mimetype != "application/problem+json":
            return response
        status = response.status_code
        if status >= 500 and "title" in request.form:  # noqa: PLR2004 - ours, and the words are not kept yet
            token, typed = request.form.get("draft", ""), form.typed(request.form)
            return self._form(self._browser(), token, typed, {"": wording.BUSY}, status)
        shown = render_template("web/error.html", status=status)
        return self._page(Response(shown, status))

    def _keep(self, browser: str, token: str, draft: Draft) -> Response:
        typed, now = form.typed(request.form), self._given.clock()
        sent = files.chosen(request.files.getlist(files.FIELD))
        if draft.number:
            if form.digest(typed) == draft.digest and not sent:
                return self._receipt(draft.number)
            return self._other_words(browser, draft.number, typed)
        _, errors = form.load(typed, now, self._given.zone)
        noted, wrong = files.keep(
            self._given.files,
            files.ids(draft.typed),
            request.form.getlist("hapus"),
            sent,
            request.remote_addr or "",
        )
        typed, errors = {**typed, **noted}, {**errors, **wrong}
        if noted.get(files.FIELD) != draft.typed.get(files.FIELD):
            self._given.drafts.keep(draft, typed)  # mistakes in the words must not cost the files
        age = (now - draft.issued_at).total_seconds()
        if not errors and (request.form.get("situs") or age < self._given.least_seconds):
            errors = {"": wording.TOO_FAST}
        if errors:
            return self._form(browser, token, typed, errors, 422)
        self._given.drafts.keep(draft, typed)
        return self._page(redirect(f"/laporan/periksa/{token}", 303), browser)

    def _send(self, browser: str, token: str, draft: Draft) -> Response:
        if draft.number:
            return self._receipt(draft.number)
        now = self._given.clock()
        # The check page asks who typed no category for one.
        typed = {**form.typed(request.form, ("category",)), **draft.typed}
        loaded, errors = form.load(typed, now, self._given.zone)
        if errors:
            return self._form(browser, token, typed, errors, 422)
        if not self._given.limit(request.remote_addr or "", typed):
            return self._form(browser, token, typed, {"": wording.TOO_MANY}, 429)
        alike = form.likeness(request.form.get("sama", ""), draft.typed.get(form.OFFERED, ""))
        message = form.message(loaded, draft.id, draft.typed, now, alike)
        try:
            receipt = self._given.accept([message])[0]
        except KeyReused:
            # Other words of this draft were sent since we looked, by another tab or a slow request.
            sent = self._given.drafts.read(token, browser)
            if sent is None or sent.number is None:
                raise
            return self._other_words(browser, sent.number, typed)
        except ChannelError:
            return self._form(browser, token, typed, {"": wording.BUSY}, 503)
        number = str(receipt.number)
        self._given.drafts.sent(draft, number)
        return self._receipt(number)

    def _similar(self, draft: Draft, message: InboundMessage) -> Sequence[Similar]:
        """Find what is alike; which were shown is kept with the draft, so that others are none."""
        similar = self._given.similar(message, request.remote_addr or "")
        offered = " ".join(one.number for one in similar)
        if offered != draft.typed.get(form.OFFERED, ""):
            self._given.drafts.keep(draft, {**draft.typed, form.OFFERED: offered})
        return similar

    def _suggested(self, draft: Draft) -> str | None:
        """Give a category for who typed none."""
        if "category" in draft.typed:
            return None
        return self._given.suggest(form.said(draft.typed))

    def _receipt(self, number: str) -> Response:
        return self._page(redirect(f"{self._own(number)}?terkirim=1", 303))

    def _own(self, number: str) -> str:
        return f"/laporan/{number}/{self._given.secret(number)}"

    def _other_words(self, browser: str, number: str, typed: Mapping[str, str]) -> Response:
        """Show what was sent already, and keep the other words under a draft of their own."""
        again = self._given.drafts.new(browser)
        return self._form(browser, again, typed, {}, 409, sent=(number, self._own(number)))

    def _view(self, number: str, secret: str | None) -> Response:
        try:
            found = self._given.lookup(number, secret, request.remote_addr or "")
        except TooManyRequests:
            return self._page(Response(render_template("web/find.html", too_many=True), 429))
        if found is None or (secret is not None and found.typed is None):
            return self._page(Response(render_template("web/find.html", missing=True), 404))
        shown = render_template(
            "web/view.html",
            found=found,
            link=f"{self._given.public_url}{request.path}" if secret else None,
            is_new=bool(secret and request.args.get("terkirim")),
            days=self._given.days,
            words=wording,
        )
        return self._page(Response(shown))

    def _form(
        self,
        browser: str,
        token: str,
        typed: Mapping[str, str],
        errors: Mapping[str, str],
        status: int = 200,
        sent: tuple[str, str] | None = None,
    ) -> Response:
        shown = render_template(
            "web/form.html",
            typed=typed,
            errors=errors,
            sent=sent,
            files=self._given.files.find(files.ids(typed)),
            limits=self._given.files,
            token=token,
            today=self._given.clock().astimezone(self._given.zone).date().isoformat(),
            longest={"title": LONGEST_TITLE, "body": LONGEST_BODY},
            words=wording,
        )
        return self._page(Response(shown, status), browser)

    def _browser(self) -> str:
        return self._given.drafts.browser(request.cookies.get(COOKIE))

    def _page(self, response: Any, browser: str | None = None) -> Response:
        response.headers.update(_HEADERS)
        if browser and request.cookies.get(COOKIE) != browser:
            response.set_cookie(
                COOKIE, browser, secure=self._given.is_secure, httponly=True, samesite="Lax"
            )
        made: Response = response
        return made
