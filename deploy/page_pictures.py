"""Takes screenshots of the ticker page at three widths and of a story's page: `page_pictures.py URL [FOLDER]`.

URL is a running gateway. Needs the extra `system` (playwright) and the system's Chromium.
"""

import json
import shutil
import sys
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

SIZES = {1440: 900, 768: 1024, 390: 844}
ITEM = "latest?category=companies&source=GL,BU&limit=1"


def main(url: str, folder: Path) -> int:
    """Takes the screenshots and prints their names."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("no Chromium: apt-get install chromium", file=sys.stderr)
        return 1
    with urllib.request.urlopen(url + ITEM, timeout=5) as answer:  # noqa: S310 - the address is the caller's
        rows = json.load(answer)
    story = rows[0]["page"].lstrip("/") if rows else ""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for width, height in SIZES.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            _take_screenshot(page, url, folder / f"page-{width}.png")
            if width == max(SIZES):
                _take_screenshot(page, f"{url}{story}", folder / "item.png")
            page.close()
        browser.close()
    return 0


def _take_screenshot(page: Page, address: str, file: Path) -> None:
    page.goto(address)
    page.locator("news-ticker .row").first.wait_for()
    page.wait_for_timeout(1500)
    page.screenshot(path=file)
    print(file)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2] if len(sys.argv) > 2 else "deploy/screenshots")))
