"""The page of the tokens, by what a person sees and presses."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect


class TokensPage:
    """The page itself, as Airflow shows it in a frame."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = f"{url}/orgauth/"

    def open(self, connection_id: str = "") -> None:
        """Go there, to all connections or to one."""
        self.page.goto(self.url + (f"#connection={connection_id}" if connection_id else ""))
        expect(self.page.get_by_text("As of").or_(self.page.get_by_role("alert"))).to_be_visible()

    def card(self, connection_id: str) -> Locator:
        """Return what is shown of a connection."""
        heading = self.page.get_by_role("heading", name=connection_id, exact=True)
        return self.page.get_by_role("article").filter(has=heading)

    def button(self, action: str, connection_id: str) -> Locator:
        """Return a connection's button."""
        return self.page.get_by_role("button", name=f"{action} {connection_id}", exact=True)

    def table(self, about: str) -> Locator:
        """Return a table of a connection's own page."""
        return self.page.get_by_role("region", name=f"Table of the {about}").get_by_role("table")

    @property
    def said(self) -> Locator:
        """Return what an action came to."""
        return self.page.get_by_role("status")

    @property
    def question(self) -> Locator:
        """Return the dialog that asks."""
        return self.page.get_by_role("dialog")

    def answer(self, label: str) -> None:
        """Press a button of the dialog."""
        self.question.get_by_role("button", name=label, exact=True).click()
        expect(self.question).to_have_count(0)

    def wider_than_the_window(self) -> bool:
        """Return whether one has to scroll sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))

    def faults(self, axe: str) -> list[dict[str, Any]]:
        """Return what axe-core finds that is serious or critical.

        Args:
            axe: its source.
        """
        self.page.evaluate(axe)
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious = [one for one in found["violations"] if one["impact"] in ("serious", "critical")]
        return [{"id": one["id"], "nodes": [node["html"] for node in one["nodes"]]} for one in serious]
