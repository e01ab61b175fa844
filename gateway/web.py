"""Hands the form's pages what they need of the gateway."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint
from sqlalchemy import select

from channels import number
from channels.web import pages
from channels.web.form import SOURCE
from channels.web.given import Given, View
from channels.web.wording import FIELDS, NOT_KEPT
from gateway.assembly import Gateway, Native, utc_now
from gateway.drafts import Drafts, FormLimit
from gateway.form_files import FormFiles
from gateway.journal import read_message
from gateway.separating import joined, separation
from gateway.similar import SimilarReports
from gateway.store import Store
from gateway.tables import journal


def blueprint(gateway: Gateway, native: Native[Any]) -> Blueprint:
    """Build the pages of the form."""
    settings, store, identity = gateway.settings, gateway.store, gateway.identity
    limits = settings.form

    def lookup(typed: str, secret: str | None, client_address: str) -> View | None:
        found = native(lambda: gateway.lookup.find(typed, secret, client_address))
        if found is None:
            return None
        asked = number.parse(typed) or ""
        right = identity.secret(asked).encode()
        knows = hmac.compare_digest((secret or "").encode(), right)
        stands = found.standing
        return View(
            # A number that became another's alias is still the one its reporter knows.
            asked,
            stands.status,
            stands.received_at,
            stands.updated_at,
            found.history,
            native(lambda: _sent(store, asked)) if knows else None,
            native(lambda: joined(store, asked)) if knows else None,
        )

    def separate(typed: str, secret: str, client_address: str) -> bool:
        of = native(lambda: gateway.lookup.opens(typed, secret, client_address))
        if of is None:
            return False
        message = native(
            lambda: separation(store, of, secret, source=SOURCE, channel="web", clock=utc_now)
        )
        gateway.intake.accept([message])
        return True

    similar = SimilarReports(
        store,
        identity,
        gateway.reader,
        clock=utc_now,
        searches_a_day=limits.searches_a_day_address,
    )

    def suggest(text: str) -> str | None:
        ranked = gateway.reader.suggestions(text)["category"]
        return ranked[0].term.label if ranked else None

    return pages.blueprint(
        Given(
            accept=gateway.intake.accept,
            lookup=lookup,
            suggest=suggest,
            similar=lambda message, address: native(lambda: similar.find(message, address)),
            separate=separate,
            drafts=Drafts(store, identity, clock=utc_now, hours=limits.draft_hours, native=native),
            files=FormFiles(gateway, native),
            limit=FormLimit(
                store,
                identity,
                clock=utc_now,
                an_address=limits.reports_a_day_address,
                a_contact=limits.reports_a_day_contact,
                native=native,
            ),
            secret=identity.secret,
            clock=utc_now,
            zone=ZoneInfo(settings.time_zone),
            is_secure=settings.public_url.startswith("https:"),
            public_url=settings.public_url,
            least_seconds=limits.least_seconds,
            days={
                "verify": limits.verify_days,
                "answer": limits.answer_days,
                "close": limits.close_days,
            },
        )
    )


def _sent(store: Store, of: str) -> Mapping[str, Any]:
    """Give what the reporter sent under a number, by the names the form uses."""
    wanted = (
        select(journal.c.message)
        .where(journal.c.number == of, journal.c.intent == "complaint")
        .order_by(journal.c.id)
        .limit(1)
    )
    with store.read() as connection:
        document = connection.scalar(wanted)
    if document is None:
        return {}
    message = read_message(document)
    typed = {**message.fields, "body": message.text}
    typed["attachments"] = "\n".join(
        f"{file.name or file.media_type}{'' if file.sha256 else f' ({NOT_KEPT})'}"
        for file in message.attachments
    )
    return {text: typed[name] for name, text in FIELDS.items() if typed.get(name)}
