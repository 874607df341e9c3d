"""Airflow's list of connections and its connection form, by what a person sees: labels, buttons, messages."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

STANDARD = "Standard Fields"
EXTRA = "Extra Fields"
LABEL = "label[data-scope=field]"


class ConnectionForm:
    """The dialog "Add Connection" or "Edit Connection"; one of its sections is open at a time."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.dialog = page.get_by_role("dialog")
        expect(self.dialog.get_by_role("textbox", name="Connection ID")).to_be_visible()

    def choose_type(self, name: str) -> None:
        """Find a connection type as one does among many: type the start of its name, click it."""
        box = self.dialog.get_by_role("combobox", name="Connection Type")
        box.press_sequentially(name[:5])
        self.page.get_by_role("option", name=name, exact=True).click()
        expect(self.section(STANDARD)).to_be_visible()

    def section(self, name: str) -> Locator:
        """Return the button that opens a section."""
        return self.dialog.get_by_role("button", name=name, exact=True)

    def open_section(self, name: str) -> None:
        """Open a section, and wait until it is unfolded."""
        if self.section(name).get_attribute("aria-expanded") != "true":
            self.section(name).click()
        expect(self.section(name)).to_have_attribute("aria-expanded", "true")

    def labels(self) -> list[str]:
        """Return the labels of the open section's fields, from top to bottom; a required one has a star."""
        labels = self._opened.locator(LABEL)
        expect(labels.first).to_be_visible()
        return [text.strip() for text in labels.all_inner_texts()]

    def field(self, label: str) -> Locator:
        """Return a field of the open section: its label, its box, its help text."""
        exactly = re.compile(rf"^\s*{re.escape(label)}\s*$")
        return self._opened.get_by_role("group").filter(has=self.page.locator(LABEL, has_text=exactly))

    def text(self, label: str) -> Locator:
        """Return the box of a text field."""
        return self.field(label).get_by_role("textbox")

    def number(self, label: str) -> Locator:
        """Return the box of a number."""
        return self.field(label).get_by_role("spinbutton")

    def switch(self, label: str) -> Locator:
        """Return a switch's state; what one clicks is drawn over it, see ``toggle``."""
        return self.field(label).get_by_role("checkbox")

    def toggle(self, label: str) -> None:
        """Click a switch."""
        self.field(label).locator("[data-part=control]").click()

    def set_number(self, label: str, value: int) -> None:
        """Type a number and leave its box, which is when the form takes it."""
        self.number(label).fill(str(value))
        self.number(label).press("Tab")
        expect(self.number(label)).to_have_value(str(value))

    def options(self, label: str) -> list[str]:
        """Return what a drop-down offers: open it, look, and choose again what was chosen (Escape closes the form)."""
        before = self.chosen(label).inner_text()
        self.field(label).get_by_role("combobox").click()
        offered = self.page.get_by_role("option")
        expect(offered.first).to_be_visible()
        texts = offered.all_inner_texts()
        offered.get_by_text(before, exact=True).click()
        expect(offered).to_have_count(0)
        return texts

    def choose(self, label: str, option: str) -> None:
        """Choose from a drop-down with two clicks."""
        self.field(label).get_by_role("combobox").click()
        self.page.get_by_role("option", name=option, exact=True).click()
        expect(self.chosen(label)).to_have_text(option)

    def chosen(self, label: str) -> Locator:
        """Return what a drop-down shows when it is closed."""
        return self.field(label).locator("[id^=element_] [class]:has(+ [data-value])")

    def paste_json(self, label: str, value: Any) -> None:
        """Replace the text of a JSON box.

        Pasted, not typed: Airflow 3.3 reformats the text at each key after which it is valid JSON, and moves the
        cursor to its end, so what is typed letter by letter comes out mixed up.
        """
        self.field(label).locator(".view-lines").click()
        self.page.keyboard.press("Control+A")
        self.page.evaluate("text => navigator.clipboard.writeText(text)", json.dumps(value))
        self.page.keyboard.press("Control+V")
        self.expect_json(label, value)

    def expect_json(self, label: str, value: Any) -> None:
        """Wait until a JSON box shows ``value``, however it is laid out."""
        tokens = re.findall(r'"[^"]*"|[^"\s]', json.dumps(value))
        laid_out = re.compile(r"^\s*" + r"\s*".join(map(re.escape, tokens)) + r"\s*$")
        expect(self.field(label).locator(".view-lines")).to_have_text(laid_out)

    def fit_screen(self) -> None:
        """Make the screen as high as the open section, so that a picture shows all of it."""
        needed = self.dialog.evaluate("dialog => dialog.scrollHeight")
        self.page.set_viewport_size({"width": 1200, "height": needed + 200})

    def save(self) -> None:
        """Press Save; Airflow closes the dialog once it has stored the connection."""
        self.dialog.get_by_role("button", name="Save").click()
        expect(self.dialog).to_have_count(0)

    @property
    def _opened(self) -> Locator:
        return self.dialog.locator("[data-part=item][data-state=open] [data-part=item-content]")


class ConnectionList:
    """The page Admin > Connections."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def open(self) -> None:
        """Go there through the menu."""
        self.page.goto(self.url)
        self.page.get_by_role("button", name="Admin").click()
        self.page.get_by_role("menuitem", name="Connections").click()
        expect(self.page.get_by_role("button", name="Add Connection").first).to_be_visible()

    def add(self) -> ConnectionForm:
        """Press Add Connection."""
        self.page.get_by_role("button", name="Add Connection").first.click()
        return ConnectionForm(self.page)

    def edit(self, conn_id: str) -> ConnectionForm:
        """Press a connection's Edit."""
        self.row(conn_id).get_by_role("button", name="Edit Connection").click()
        return ConnectionForm(self.page)

    def test(self, conn_id: str, title: str) -> Locator:
        """Press a connection's Test, wait for the message, and return it; its title must be this one."""
        self.row(conn_id).get_by_role("button", name="Test Connection").click()
        message = self.page.get_by_role("status", name=re.compile("Test Connection (Successful|Failed)"))
        expect(message).to_be_visible(timeout=30_000)
        expect(message).to_contain_text(title)
        return message

    def row(self, conn_id: str) -> Locator:
        """Return a connection's row of the table."""
        cell = self.page.get_by_role("cell", name=conn_id, exact=True)
        return self.page.get_by_role("row").filter(has=cell)
