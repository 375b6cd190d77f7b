"""Make the pictures of the README and the docs from the starter collection: `.venv/bin/python docs/screenshots.py`.

Needs Debian's chromium and chromium-driver. Nothing but the loopback interface is used.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

IMAGES = Path(__file__).with_name("images")
GUIDEPOST = Path(sys.executable).with_name("guidepost")
ARGUMENTS = (
    *(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--hide-scrollbars",
    ),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
# name: address, width, height, dark
PICTURES = {
    "search": ("search?q=take+responsibility", 1180, 860, False),
    "principle": ("search?q=take+responsibility", 1180, 980, False),
    "home-dark": ("", 1180, 1000, True),
    "phone": ("search?q=angry+customer", 390, 844, False),
}


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        environ = {**os.environ, "GUIDEPOST_HOME": home}
        subprocess.run([GUIDEPOST, "starter", "load"], env=environ, check=True)
        with subprocess.Popen(
            [GUIDEPOST, "serve", "--port", "0"], env=environ, stderr=subprocess.PIPE, text=True
        ) as server:
            assert server.stderr
            address = "http://" + server.stderr.readline().split("http://")[1].split()[0]
            try:
                _take_all(address)
            finally:
                server.terminate()


def _take_all(address: str) -> None:
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ARGUMENTS:
        options.add_argument(argument)
    with webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver")) as browser:
        for name, (path, width, height, dark) in PICTURES.items():
            _set_up(browser, width, height, dark)
            browser.get(address + path)
            if name == "principle":
                browser.find_element("css selector", 'a[href^="/principles/"]').click()
            (IMAGES / f"{name}.png").write_bytes(browser.get_screenshot_as_png())


def _set_up(browser: webdriver.Chrome, width: int, height: int, dark: bool) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})


if __name__ == "__main__":
    main()
