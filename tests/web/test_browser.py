"""Journeys through the site in a real Chromium."""

import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait
from waitress import wasyncore
from waitress.server import create_server

from kb.model import Filing

CHROMIUM, DRIVER = Path("/usr/bin/chromium"), Path("/usr/bin/chromedriver")
ARGUMENTS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
NOW = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
PROMISE = "Keep every promise you make, however small it looks to you."
FILLING = "\n\n".join(f"Paragraph {number} tells a story about parcels." for number in range(40))
EVIL = "\"'><script>window.ran = 1</script><img src=x onerror='window.ran = 1'><svg onload='window.ran = 1'>"
PAGES = (
    *("/", "/search?q=promise", "/search?q=promise&in=posts", "/search?q=xylophone&topic=trust", "/search"),
    *(
        "/principles/1",
        "/posts/1",
        "/topics",
        "/topics/trust",
        "/feeds",
        "/feeds/1",
        "/feeds/1/remove",
        "/no",
    ),
)

# CI must not pass by leaving them out.
pytestmark = pytest.mark.skipif(
    not (CHROMIUM.exists() and DRIVER.exists()) and "CI" not in os.environ,
    reason="Chromium is not installed",
)

Keep = Callable[..., int]

# The lowest contrast of any text of the page against what stands behind it, and that text.
LOWEST_CONTRAST = """
const rgb = c => (c.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
const part = v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const light = c => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
const behind = e => {
  for (; e; e = e.parentElement) {
    const c = rgb(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c;
  }
  return rgb(getComputedStyle(document.body).backgroundColor);
};
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const e = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !e.getClientRects().length) continue;
  const [a, b] = [light(rgb(getComputedStyle(e).color)), light(behind(e))];
  found.push([(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), walker.currentNode.data.trim()]);
}
return found.sort((a, b) => a[0] - b[0])[0];
"""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for argument in (*ARGUMENTS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    driver.implicitly_wait(5)
    yield driver
    driver.quit()


@pytest.fixture
def origin(app: Flask) -> Iterator[str]:
    """Serve the site on a free port of this machine."""
    dispatchers: dict[int, Any] = {}
    server = create_server(app, map=dispatchers, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.trigger.pull_trigger(lambda: wasyncore.close_all(dispatchers, ignore_all=True))
    thread.join()
    server.task_dispatcher.shutdown()


@pytest.fixture
def browser(chromium: webdriver.Chrome, origin: str) -> webdriver.Chrome:
    chromium.get(origin + "/")
    chromium.delete_all_cookies()
    chromium.get_log("browser")
    show(chromium)
    return chromium


@pytest.fixture
def filled(keep: Keep, subscribe: Keep) -> None:
    feed = subscribe(title="The Tillside", folder=("Service",), site_url="https://tillside.example/")
    topics = (Filing(topic="trust", words=("promise",)), Filing(topic="expectations", words=("promise",)))
    keep(
        f"{FILLING}\n\nPeople wait. {PROMISE} They count.\n\n{FILLING}",
        PROMISE,
        topics=topics,
        feed_id=feed,
        author="Ada Till",
        published=NOW,
        title="What the tin taught me",
        url="https://tillside.example/1",
    )
    keep(f"So {PROMISE}", PROMISE, topics=topics, publisher="other.example", completeness="excerpt")


def show(browser: webdriver.Chrome, width: int = 1280, scheme: str = "light") -> None:
    """Set the width of the window and the colours that the visitor prefers."""
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def click(browser: webdriver.Chrome, text: str) -> None:
    browser.find_element(By.PARTIAL_LINK_TEXT, text).click()


def arrive(browser: webdriver.Chrome, words: str) -> None:
    """Wait until the page says *words*; the page that is being left may still answer."""
    waiting = WebDriverWait(browser, 20, ignored_exceptions=[StaleElementReferenceException])
    waiting.until(lambda page: words in page.find_element(By.TAG_NAME, "main").text, words)


@pytest.mark.usefixtures("filled")
def test_from_a_search_over_a_filter_to_the_place_in_the_post(browser: webdriver.Chrome) -> None:
    browser.switch_to.active_element.send_keys("promises", Keys.ENTER)
    browser.find_element(By.CSS_SELECTOR, "a[href*='topic=trust']").click()
    arrive(browser, "Remove filter")
    browser.find_element(By.CSS_SELECTOR, ".hit .wording a").click()
    click(browser, "See it in its post")
    arrive(browser, "Guidance in this post")

    mark = browser.find_element(By.CSS_SELECTOR, "mark:target")
    head = browser.find_element(By.CSS_SELECTOR, "header.top")
    top = browser.execute_script("return arguments[0].getBoundingClientRect().top", mark)
    assert mark.text == PROMISE
    assert head.size["height"] < top < 700


def test_a_feed_is_added_paused_and_removed(browser: webdriver.Chrome, origin: str) -> None:
    browser.get(f"{origin}/feeds")
    browser.find_element(By.NAME, "url").send_keys("https://tillside.example/feed")
    browser.find_element(By.NAME, "folder").send_keys("Service/Retail", Keys.ENTER)
    arrive(browser, "Added https://tillside.example/feed")

    browser.find_element(By.CSS_SELECTOR, "button[formaction$='/pause']").click()
    arrive(browser, "Paused")

    click(browser, "Remove")
    arrive(browser, "leaves the list")
    browser.find_element(By.CSS_SELECTOR, "button.danger").click()
    arrive(browser, "No feed is subscribed yet")


def test_a_list_of_200_lines_with_7_bad_ones_is_reported(
    browser: webdriver.Chrome, origin: str, tmp_path: Path
) -> None:
    urls = [f"https://blog{number}.example/feed" for number in range(193)] + [
        f"no address {n}" for n in "1234567"
    ]
    lines = "".join(f'<outline text="{url}" xmlUrl="{url}"/>' for url in urls)
    (tmp_path / "list.opml").write_text(f"<opml><body>{lines}</body></opml>")

    browser.get(f"{origin}/feeds")
    browser.find_element(By.NAME, "list").send_keys(str(tmp_path / "list.opml"))
    browser.find_element(By.XPATH, "//button[text()='Upload list']").click()

    arrive(browser, "200 lines: 193 added, 0 already there, 7 not usable, 0 not a feed.")


def test_the_keyboard_finds_content_and_search_first(browser: webdriver.Chrome, origin: str) -> None:
    browser.get(f"{origin}/topics")
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert browser.switch_to.active_element.get_attribute("class") == "skip"

    browser.switch_to.active_element.send_keys(Keys.ENTER)
    assert browser.switch_to.active_element.get_attribute("id") == "main"


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_page_is_wider_than_its_window(browser: webdriver.Chrome, origin: str, width: int) -> None:
    show(browser, width)
    for page in PAGES:
        browser.get(origin + page)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width, page


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_enough(browser: webdriver.Chrome, origin: str, scheme: str) -> None:
    show(browser, scheme=scheme)
    for page in PAGES:
        browser.get(origin + page)
        contrast, text = browser.execute_script(LOWEST_CONTRAST)
        assert contrast >= 4.5, (page, text)


def test_nothing_that_a_feed_says_is_executed(
    browser: webdriver.Chrome, origin: str, keep: Keep, subscribe: Keep
) -> None:
    feed = subscribe(title=EVIL, folder=(EVIL,), site_url="javascript:alert(1)")
    said = f"Keep every promise {EVIL}."
    hostile = {"title": EVIL, "author": EVIL, "url": "javascript:alert(1)", "source": EVIL, "publisher": EVIL}
    keep(said, said, feed_id=feed, tags=(EVIL,), topics=(Filing(topic="trust", words=(EVIL,)),), **hostile)

    for page in (*PAGES, f"/search?q={EVIL}"):
        browser.get(origin + page)
        assert browser.execute_script("return window.ran") is None, page
    assert not [line for line in browser.get_log("browser") if "Content Security Policy" in line["message"]]
