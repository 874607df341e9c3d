"""The page of the tokens in a real browser, in front of a real API server: seen, pressed, attacked."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from chromium import why_no_chromium

if (missing := why_no_chromium()) and not os.environ.get("CI"):  # in CI, the fixtures fail
    pytest.skip(missing, allow_module_level=True)

from api_servers import ApiServer
from day_of_requests import day_of_requests
from harness import PROJECT, python_under_test, version_under_test
from playwright.sync_api import Browser, Page, expect
from tokens_page import TokensPage

from airflow_provider_orgauth.emulator import Emulator, running_emulator

pytestmark = [
    pytest.mark.browser,
    pytest.mark.airflow,
    pytest.mark.skipif(version_under_test() < (3, 1), reason="Airflow has such pages from 3.1 on"),
]

AXE = PROJECT / ".venv-node" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = 30_000
"""Where Variables are slow, on a busy machine, a renewal waits 5 to 7 s for its lease."""
EVIL = "<img src=x onerror=\"document.title='owned'\">"


@pytest.fixture(scope="module")
def tokens_emulator() -> Iterator[Emulator]:
    with running_emulator() as running:
        yield running


@pytest.fixture(scope="module")
def api_server(
    browser: Browser, tokens_emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ApiServer]:
    """An API server that has a good connection, one that is refused, and one that nobody used."""
    root = tmp_path_factory.mktemp("airflow-tokens-browser")
    with ApiServer(root, python=python_under_test()) as server:
        server.migrate()
        server.start_api()
        yield server


@pytest.fixture(scope="module")
def filled(api_server: ApiServer, tokens_emulator: Emulator) -> ApiServer:
    """The same, with connections and a day's life."""
    for conn_id in ("sales_api", "crm_refused", "not_used"):
        extra = {"rate_limit": 600} if conn_id == "sales_api" else {}
        connection = tokens_emulator.connection_json(oauth_params={"n": conn_id}, **extra)
        given = json.loads(connection)
        secret = "of-another-client" if conn_id == "crm_refused" else given["password"]
        api_server.put_connection(conn_id, **given | {"password": secret, "extra": json.dumps(given["extra"])})
        if conn_id == "sales_api":
            api_server.api("POST", "/variables", json=day_of_requests(connection))
    op = api_server.as_user("op")
    for conn_id in ("sales_api", "sales_api", "crm_refused"):
        url = f"{api_server.url}/orgauth/api/renew/{conn_id}"
        assert op.post(url, json={}, headers={"X-Orgauth-Action": "1"}, timeout=120).ok
    return api_server


@pytest.fixture
def tab(browser: Browser, api_server: ApiServer):
    """Return a function that opens an empty tab of a user; the console must stay empty."""
    with contextmanager(_tabs)(browser, api_server) as make:
        yield make


def _tabs(browser: Browser, server: ApiServer):
    contexts, said = [], []

    def make(user: str = "op", *, wide: int = 1200, scheme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": wide, "height": 900}, color_scheme=scheme, locale="en-US", timezone_id="UTC"
        )
        contexts.append(context)
        context.add_cookies([{"name": "_token", "value": server.token(user), "url": server.url, "sameSite": "Lax"}])
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text) if "Security Policy" in message.text else None)
        return page

    try:
        yield make
    finally:
        for context in contexts:
            context.close()
    assert said == []


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no axe-core: `make setup` installs it where npm is")
    return AXE.read_text()


def test_without_connections_it_says_how_to_make_one(tab, api_server):  # the first test: none is there yet
    page = tab()
    TokensPage(page, api_server.url).open()

    expect(page.get_by_text("Make one in Admin > Connections")).to_be_visible()


def test_it_is_in_the_navigation_and_says_what_is_wrong_first(tab, filled):
    page = tab("admin")
    page.goto(filled.url)
    page.get_by_role("button", name="Admin").click()
    page.get_by_role("menuitem", name="Organization API tokens").click()
    frame = page.frame_locator("iframe")
    cards = frame.get_by_role("article")

    expect(cards).to_have_count(3)
    expect(cards.first).to_contain_text("crm_refused")
    expect(cards.first).to_contain_text("refused")
    expect(cards.first).to_contain_text("Check Client ID and Client secret")
    expect(cards.nth(1)).to_contain_text("sales_api")
    expect(cards.nth(1)).to_contain_text("user op")


def test_pictures(tab, filled, picture):
    for name, arguments in {"tokens": {}, "tokens-dark": {"scheme": "dark"}, "tokens-narrow": {"wide": 390}}.items():
        page = tab(**arguments)
        tokens = TokensPage(page, filled.url)
        tokens.open()
        expect(tokens.card("sales_api")).to_be_visible()
        assert not tokens.wider_than_the_window()
        picture(name, page, full_page=True)
        tokens.open("sales_api")
        expect(tokens.table("last tokens").get_by_role("row")).to_have_count(3)
        assert not tokens.wider_than_the_window()
        picture(f"{name}-one", page, full_page=True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_fault(tab, filled, axe, scheme):
    tokens = TokensPage(tab(scheme=scheme, wide=700), filled.url)
    tokens.open()
    expect(tokens.card("sales_api")).to_be_visible()
    assert tokens.faults(axe) == []
    tokens.button("Forget", "sales_api").click()
    expect(tokens.question).to_be_visible()
    assert tokens.faults(axe) == []
    tokens.answer("Cancel")
    tokens.open("sales_api")
    expect(tokens.table("last tokens")).to_be_visible()
    assert tokens.faults(axe) == []


def test_where_nothing_is_counted_it_says_so(tab, filled):
    page = tab()
    tokens = TokensPage(page, filled.url)
    tokens.open("not_used")

    expect(page.get_by_text("None were counted in 24 h.")).to_be_visible()


def test_renew_with_the_keyboard(tab, filled, tokens_emulator):
    page = tab()
    tokens = TokensPage(page, filled.url)
    tokens.open()
    before = tokens_emulator.stats()["token_requests"]
    button = tokens.button("Renew now", "not_used")

    button.focus()
    page.keyboard.press("Enter")
    expect(tokens.question).to_contain_text("All tasks get the new token")
    page.keyboard.press("Escape")
    expect(tokens.question).to_have_count(0)
    expect(button).to_be_focused()
    assert tokens_emulator.stats()["token_requests"] == before

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(tokens.said).to_contain_text("Renewed: a token for 300 s", timeout=PATIENCE_MS)
    expect(tokens.card("not_used")).to_contain_text("valid")
    assert tokens_emulator.stats()["token_requests"] == before + 1


def test_forget_asks_first_and_says_what_happened(tab, filled):
    tokens = TokensPage(tab(), filled.url)
    tokens.open()
    tokens.button("Forget", "not_used").click()
    expect(tokens.question).to_contain_text("not_used")
    tokens.answer("Forget")

    expect(tokens.said).to_contain_text("The next task asks for a", timeout=PATIENCE_MS)


def test_a_question_that_is_asked_again_at_once_waits_for_its_own_answer(tab, filled):
    """The browser tells that the first is closed only when the second is there."""
    page = tab()
    tokens = TokensPage(page, filled.url)
    tokens.open()
    tokens.button("Forget", "not_used").evaluate(
        "button => { button.click(); document.querySelector('dialog').close('no'); button.click(); }"
    )
    expect(tokens.question).to_contain_text("not_used")
    tokens.answer("Forget")

    expect(tokens.said).to_contain_text("The next task asks for", timeout=PATIENCE_MS)


def test_a_failed_test_says_what_to_do(tab, filled):
    tokens = TokensPage(tab(), filled.url)
    tokens.open()
    tokens.button("Test", "crm_refused").click()

    expect(tokens.said).to_contain_text("Check Client ID and Client secret", timeout=PATIENCE_MS)


def test_a_refresh_moves_no_focus_and_draws_nothing_anew(tab, filled):
    page = tab()
    tokens = TokensPage(page, filled.url)
    tokens.open()
    tokens.button("Test", "sales_api").focus()
    page.evaluate("window.kept = document.activeElement.closest('article')")
    with page.expect_response("**/api/connections"):
        page.evaluate("document.getElementById('refresh').click()")
    page.wait_for_function("document.getElementById('fresh-text').textContent.startsWith('As of')")

    expect(tokens.button("Test", "sales_api")).to_be_focused()
    assert page.evaluate("window.kept.isConnected && document.activeElement.closest('article') === window.kept")


def test_the_page_of_one_connection_goes_back_and_forth(tab, filled):
    page = tab()
    tokens = TokensPage(page, filled.url)
    tokens.open()
    page.get_by_role("link", name="sales_api").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("sales_api")
    expect(page.get_by_role("img", name="2 tokens in")).to_be_visible()
    page.go_back()
    expect(tokens.card("crm_refused")).to_be_visible()
    expect(page.get_by_role("table")).to_have_count(0)


def test_requests_of_a_day_are_seen_and_said(tab, filled):
    page = tab()
    tokens = TokensPage(page, filled.url)
    tokens.open()
    card = tokens.card("sales_api")

    expect(card).to_contain_text("about 278 token requests in 24 h, 3 failed")  # 276 of the record, and two of Renew
    expect(card).to_contain_text("about 12,610 API requests in 24 h, 64 answered 429")
    expect(card).to_contain_text("at most 600 requests a minute")
    expect(card).to_contain_text(re.compile("since .*[AP]M about 36 waited, 9 were answered 429"))
    expect(tokens.card("not_used")).to_contain_text("no API requests in 24 h")
    expect(tokens.card("not_used").get_by_text("Throttled")).not_to_be_visible()
    expect(card.get_by_role("img", name="By the hour: about 12,610 API requests in 24 h")).to_be_visible()
    tall = "rects => rects.map(rect => Number(rect.getAttribute('height')))"
    bars = card.get_by_role("img", name="API requests").locator("rect.all").evaluate_all(tall)
    assert (len(bars), max(bars)) == (24, 32)

    tokens.open("sales_api")
    hours = tokens.table("requests by the hour").get_by_role("row")
    expect(hours).to_have_count(24)
    expect(hours.first).to_have_text("FromToken requestsFailedAPI requestsAnswered 429Waited")
    busiest = hours.filter(has_text="164")
    expect(busiest.get_by_role("rowheader")).to_have_text(re.compile("[AP]M"))
    expect(busiest.get_by_role("cell")).to_have_text(["12", "0", "650", "41", "164"])


def test_who_lacks_a_right_is_told_which(tab, filled):
    page = tab("viewer")
    TokensPage(page, filled.url).open()

    expect(page.get_by_role("alert")).to_contain_text("Ask your Airflow administrator")
    expect(page.get_by_role("article")).to_have_count(0)


def test_a_server_that_does_not_answer_is_told_and_what_was_seen_stays(tab, filled):
    page = tab()
    tokens = TokensPage(page, filled.url)
    tokens.open()
    page.route("**/api/connections", lambda route: route.abort())
    page.get_by_role("button", name="Refresh").click()

    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    expect(page.get_by_text("what you see may be old")).to_be_visible()
    expect(tokens.card("sales_api")).to_be_visible()
    page.unroute("**/api/connections")
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_what_a_record_says_is_text(tab, filled):
    """Who may write Variables can put anything there."""
    by = {"connection_id": EVIL, "host": EVIL}
    record = {
        "server": EVIL,
        "token_server": EVIL,
        "connection_ids": [EVIL],
        "renewals": [
            {"issued_at": 0, "lifetime": 1, "grant": EVIL, "refresh_token_held": True, "generation": 1, "by": by}
        ],
        "failure": {"at": 1, "error": "e", "message": EVIL, "is_permanent": True, "by": by},
    }
    body = {"key": "orgauth_state_evil", "value": json.dumps(record)}
    filled.api("POST", "/variables", json=body)
    try:
        page = tab()
        TokensPage(page, filled.url).open()
        expect(page.get_by_role("link", name=EVIL)).to_be_visible()
        page.get_by_role("link", name=EVIL).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(EVIL)
        assert page.locator("img[src=x]").count() == 0
        assert page.title() == "Organization API tokens"
    finally:
        filled.api("DELETE", "/variables/orgauth_state_evil")


def test_another_site_makes_the_browser_do_nothing(tab, filled, tokens_emulator):
    """From another port of the same host, which is the same site, so that the browser sends the cookie along."""
    target = f"{filled.url}/orgauth/api"
    before = tokens_emulator.stats()["token_requests"], filled.variables(), audit(filled)
    with other_site() as (site, seen):
        page = tab("admin")
        page.goto(site)
        statuses = page.evaluate(ATTACK, target)
        page.set_content(
            f'<form method="post" action="{target}/forget/sales_api" enctype="text/plain"><input name="{{}}"></form>'
        )
        with page.expect_navigation() as sent:
            page.evaluate("document.forms[0].submit()")

        assert sent.value.status == 403
        assert "_token" in (sent.value.request.all_headers().get("cookie") or "")  # it did come along
        assert statuses == ["opaque", "opaque", "TypeError", "TypeError"]
        assert seen
    assert (tokens_emulator.stats()["token_requests"], filled.variables(), audit(filled)) == before


ATTACK = """async (target) => {
  const send = async (path, options) => {
    try {
      return (await fetch(target + path, { method: "POST", credentials: "include", body: "{}", ...options })).type;
    } catch (error) {
      return error.name;
    }
  };
  const own = { "X-Orgauth-Action": "1" };
  return [
    await send("/forget/sales_api", { mode: "no-cors" }),
    await send("/renew/sales_api", { mode: "no-cors", headers: own }),
    await send("/forget/sales_api", { headers: own }),
    await send("/renew/sales_api", { headers: { ...own, "Content-Type": "application/json" } }),
  ];
}"""


def audit(server: ApiServer) -> list[dict[str, object]]:
    return server.query("SELECT id FROM log WHERE event LIKE 'orgauth_%'")


@contextmanager
def other_site() -> Iterator[tuple[str, list[str]]]:
    """Serve an empty page on another port."""
    seen: list[str] = []

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>another site</title>")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Site) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{site.server_port}/", seen
        finally:
            site.shutdown()
            thread.join()
