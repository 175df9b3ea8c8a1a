#!/usr/bin/env python3
"""Looks at the page of a running exporter with a browser, and holds what it shows against the API.

usage: page-test.py URL [--user NAME:PASSWORD] [--browser PATH] [--runs N] [--screenshots FOLDER] [--budget-ms N]

URL is where the page is, such as http://127.0.0.1:8000/. Needs a Chromium and, from PyPI, `playwright` (without the
browsers that it brings); with `axe-playwright-python` the page is held to the rules for accessibility, too. Changes
nothing at the exporter. Ends with status 0 if everything holds, 1 if something does not, 2 if it cannot look.
"""
import argparse, base64, gzip, json, os, pathlib, re, shutil, sys, tempfile, urllib.error, urllib.parse, urllib.request

try:
    from playwright.sync_api import Error, sync_playwright
except ImportError:
    sys.exit("page-test.py: needs playwright: pip install playwright")

SIZES = {"wide": (1360, 850), "narrow": (360, 760)}
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
SPELT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def plain(text):
    """A text as the page spells it."""
    return UNPRINTABLE.sub(lambda one: SPELT.get(one[0]) or "\\u{%x}" % ord(one[0]), text)


def name_of(run):
    return " ".join(plain(value) for value in run.get("labels", {}).values()) or "the run"


def axe_source():
    try:
        import axe_playwright_python
    except ImportError:
        return None
    found = list(pathlib.Path(axe_playwright_python.__file__).parent.rglob("axe.min.js"))
    return found[0].read_text(encoding="utf-8") if found else None


class Exporter:
    def __init__(self, url, user):
        self.url = url if url.endswith("/") else url + "/"
        self.headers = {"Authorization": "Basic " + base64.b64encode(user.encode()).decode()} if user else {}

    def get(self, path, **headers):
        request = urllib.request.Request(urllib.parse.urljoin(self.url, path), headers={**self.headers, **headers})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def document(self, path):
        status, _, body = self.get("api/v1/" + path)
        if status != 200:
            raise AssertionError(f"api/v1/{path}: status {status}")
        return json.loads(body)


class Test:
    def __init__(self, browser, exporter, options):
        self.browser, self.exporter, self.options = browser, exporter, options
        self.axe = axe_source()
        self.failed = self.passed = 0
        self.noise = []

    def check(self, what, holds, detail=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED  {what}{': ' if detail else ''}{detail}", flush=True)

    def context(self, size="wide", dark=False, **more):
        width, height = SIZES[size]
        credentials = None
        if self.options.user:
            user, _, password = self.options.user.partition(":")
            credentials = {"username": user, "password": password}
        return self.browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light",
            http_credentials=credentials, reduced_motion="reduce", ignore_https_errors=True, **more)

    def page(self, context, answers=None):
        """A page whose complaints, questions and requests to others are noted. `answers` gets the page's documents."""
        page = context.new_page()
        origin = "/".join(self.exporter.url.split("/")[:3])
        page.on("console", lambda message: self.noise.append(f"{message.type}: {message.text}") if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.noise.append(f"exception: {error}"))
        page.on("dialog", lambda dialog: (self.noise.append("a dialog: " + dialog.message), dialog.dismiss()))
        page.on("request", lambda request: None if request.url.startswith((origin + "/", "data:", "blob:", "file:")) else self.noise.append("a request to " + request.url))
        if answers is not None:
            def answer(route):
                try:
                    response = route.fetch()
                    if response.status == 200:
                        answers[urllib.parse.urlsplit(route.request.url).path.rsplit("/", 1)[1]] = response.json()
                    route.fulfill(response=response)
                except Error:  # the page has been closed meanwhile
                    pass
            page.route("**/api/v1/*", answer)
        return page

    def go(self, page, place):
        page.goto("about:blank")
        page.goto(self.exporter.url + place, wait_until="load")
        page.wait_for_function("() => { const link = document.getElementById('link'); return link && link.dataset.link === 'live' && link.textContent === 'Live'; }", timeout=30000)
        page.wait_for_timeout(400)

    def quiet(self, where):
        self.check(f"{where}: no complaint of the browser, no request to others", not self.noise, "; ".join(self.noise[:5]))
        self.noise.clear()

    # -- without a browser

    def served(self):
        status, headers, body = self.exporter.get("")
        self.check("/: status 200", status == 200, str(status))
        policy = headers.get("Content-Security-Policy") or ""
        self.check("/: the policy names the exporter alone", "default-src 'none'" in policy and "script-src 'self'" in policy and not re.search(r"https?:|\*", policy), policy)
        packed = len(gzip.compress(body, 9))
        for path in re.findall(r'(?:src|href)="(page/[^"]+)"', body.decode()):
            status, headers, text = self.exporter.get(path)
            self.check(f"/{path}: status 200", status == 200, str(status))
            packed += len(gzip.compress(text, 9))
        self.check("everything is below 100 KB compressed", packed < 100_000, f"{packed:,} bytes")
        print(f"        {packed:,} bytes compressed")
        for path in ("runs", "sources", "metrics"):
            status, headers, _ = self.exporter.get("api/v1/" + path)
            self.check(f"api/v1/{path}: JSON with an ETag", status == 200 and "json" in headers.get("Content-Type", "") and bool(headers.get("ETag")), f"{status} {headers.get('Content-Type')} {headers.get('ETag')}")
        status, headers, _ = self.exporter.get("api/v1/metrics")
        tag = headers.get("ETag")
        if tag:
            statuses = [self.exporter.get("api/v1/metrics", **{"If-None-Match": tag})[0]]
            for _ in range(4):
                if statuses[-1] != 304:
                    tag = self.exporter.get("api/v1/metrics")[1].get("ETag")
                    statuses.append(self.exporter.get("api/v1/metrics", **{"If-None-Match": tag})[0])
            self.check("api/v1/metrics: 304 where nothing is new", statuses[-1] == 304, str(statuses))

    # -- with one

    def without_script(self):
        context = self.context(java_script_enabled=False)
        page = self.page(context)
        page.goto(self.exporter.url)
        text = page.inner_text("body")
        runs = self.exporter.document("runs?limit=1000")["runs"]
        lost = [value for run in runs[:20] for value in run["labels"].values() if " ".join(plain(value).split()) not in " ".join(text.split())]
        self.check("without JavaScript: the runs are there", not lost, str(lost[:3]))
        self.check("without JavaScript: links are there", page.locator("footer .links a").count() > 0)
        context.close()

    def runs(self):
        context = self.context()
        answers = {}
        page = self.page(context, answers)
        self.go(page, "#/")
        runs = answers.get("runs", {}).get("runs", [])
        shown = self.rows(page)
        for _ in range(5):  # the page may have asked again meanwhile
            runs = answers.get("runs", {}).get("runs", [])
            if shown == [self.row(run) for run in self.sorted(runs)]:
                break
            page.wait_for_timeout(300)
            shown = self.rows(page)
        expected = [self.row(run) for run in self.sorted(runs)]
        self.check("runs: as many rows as runs", len(shown) == len(expected), f"{len(shown)} and {len(expected)}")
        wrong = [(one, other) for one, other in zip(shown, expected) if one != other]
        self.check("runs: every value is that of the API, those first that need somebody", not wrong, str(wrong[:2]))
        own = {run["id"] for run in self.exporter.document("runs?limit=1000")["runs"]}
        self.check("runs: the page's are the exporter's", {run["id"] for run in runs} <= own | {run["id"] for run in runs} and len(own ^ {run["id"] for run in runs}) <= 2)
        if runs:
            page.fill("#find", "no run has such a name, ever")
            self.check("runs: the filter filters", page.locator("tbody tr").count() == 0)
            page.fill("#find", "")
            page.click('th[data-column="loss"] button')
            self.check("runs: a column sorts", page.get_attribute('th[data-column="loss"]', "aria-sort") == "ascending")
            losses = [float(value) for value in page.eval_on_selector_all('td[data-column="loss"] data', "nodes => nodes.map(node => node.getAttribute('value'))") if value != "NaN"]
            self.check("runs: sorted by loss", losses == sorted(losses), str(losses[:10]))
        else:
            self.check("runs: what to do where there are none", page.locator("main .empty:visible").count() == 1)
        self.harmless(page, "runs")
        context.close()
        self.quiet("runs")
        return runs

    URGENCY = ["failed", "killed", "stalled", "vanished", "running", "starting", "finished"]

    def sorted(self, runs):
        def rank(run):
            place = self.URGENCY.index(run["state"]) if run["state"] in self.URGENCY else len(self.URGENCY)
            return 3.5 if place > 3 and place < len(self.URGENCY) and run.get("diverged") else place
        return sorted(runs, key=rank)

    @staticmethod
    def number(value):
        return None if value is None else float(value)

    def row(self, run):
        at = [(run.get(key), run.get(plan)) for key, plan in (("step", "planned_steps"), ("epoch", "planned_epochs")) if run.get(key) is not None]
        position = next((one for one in at if one[1] is not None), at[0] if at else (None, None))[0]
        loss = "NaN" if run.get("diverged") else self.number(run.get("loss"))
        return {"id": run["id"], "state": run["state"], "progress": self.number(run.get("progress")), "position": self.number(position), "loss": loss,
                "best": self.number(run.get("best_score")), "name": [" ".join(plain(value).split()) or "(empty)" for value in run["labels"].values()] or ["the run"]}

    def rows(self, page):
        rows = page.eval_on_selector_all("table.runs tbody tr", """rows => rows.map(row => {
            const value = (column) => { const node = row.querySelector(`[data-column="${column}"] data`); return node ? node.getAttribute("value") : null; };
            return { id: row.dataset.id, state: row.querySelector('[data-column="state"] .badge').textContent.toLowerCase(), progress: value("progress"), position: value("position"),
              loss: value("loss"), best: value("best"), name: [...row.querySelectorAll('[data-column="run"] bdi')].map(node => node.textContent.split(/\\s+/).filter(Boolean).join(" ")) };
          })""")
        for row in rows:
            for key in ("progress", "position", "loss", "best"):
                if row[key] not in (None, "NaN"):
                    row[key] = float(row[key])
        return rows

    def harmless(self, page, where):
        """Texts of logs have become no elements."""
        strange = page.evaluate("() => [...document.querySelectorAll('main script, main img, main iframe, main object, main style, main link')].map(node => node.outerHTML.slice(0, 80))")
        self.check(f"{where}: texts are texts", not strange, str(strange[:3]))

    def run(self, run):
        context = self.context()
        answers = {}
        page = self.page(context, answers)
        self.go(page, "#/run/" + run["id"])
        page.wait_for_selector(".board", state="attached", timeout=30000)
        page.wait_for_function("() => !document.querySelector('.board').hidden", timeout=60000)
        page.wait_for_timeout(500)
        where = "run " + name_of(run)
        heading = " ".join(page.inner_text("h1").split())
        self.check(f"{where}: named", all(" ".join(plain(value).split()) in heading or not value for value in run["labels"].values()), heading)
        curves = answers.get("curves", {}).get("curves", [])
        fields = {plain(curve["field"]) for curve in curves}
        shown = set(page.eval_on_selector_all(".chart h3 bdi", "nodes => nodes.map(node => node.textContent)"))
        self.check(f"{where}: a chart for every field", shown == fields, str(sorted(shown ^ fields)[:5]))
        wrong = []
        for place, card in enumerate(page.locator(".chart").all()[:12]):
            card.scroll_into_view_if_needed()
            page.wait_for_function("place => { const card = document.querySelectorAll('.chart')[place]; return card.querySelector('canvas') || !card.querySelector('.message').hidden; }", arg=place, timeout=10000)
            field = card.locator("h3 bdi").text_content()
            given = [curve for curve in answers["curves"]["curves"] if plain(curve["field"]) == field]
            last = {"NaN" if curve["value"][-1] is None else float(curve["value"][-1]) for curve in given if curve["value"]}
            read = [value if value == "NaN" else float(value) for value in card.locator(".readout .reading > data").evaluate_all("nodes => nodes.map(node => node.getAttribute('value'))")]
            if any(value not in last for value in read):
                wrong.append((field, read, sorted(map(str, last))))
        self.check(f"{where}: the newest values are those of the API", not wrong, str(wrong[:3]))
        drawn = page.locator(".chart:has(canvas)")
        if drawn.count() > 0:
            self.play(page, where, answers)
        self.harmless(page, where)
        context.close()
        self.quiet(where)

    def play(self, page, where, answers):
        """Points, zooms and smooths."""
        card = page.locator(".chart:has(canvas)").first
        card.scroll_into_view_if_needed()
        page.wait_for_timeout(150)
        plot = card.locator(".plot")
        box = plot.bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5)
        page.wait_for_timeout(150)
        self.check(f"{where}: the pointer is told values", card.locator(".cross").is_visible())
        field = card.locator("h3 bdi").text_content()
        values = {float(value) for curve in answers["curves"]["curves"] if plain(curve["field"]) == field for value in curve["value"] if value is not None}
        read = card.locator(".readout .reading > data").evaluate_all("nodes => nodes.map(node => node.getAttribute('value'))")
        self.check(f"{where}: values at the pointer are values of the log", all(value == "NaN" or float(value) in values for value in read), f"{field}: {read}")
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.85, box["y"] + box["height"] * 0.5, steps=4)
        page.mouse.up()
        page.wait_for_timeout(200)
        back = page.locator("button", has_text="Show everything")
        self.check(f"{where}: dragging zooms", back.is_visible())
        page.mouse.dblclick(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
        page.wait_for_timeout(200)
        self.check(f"{where}: a double click shows everything again", not back.is_visible())
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.3)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.5 + 3, box["y"] + box["height"] * 0.7, steps=4)
        page.mouse.up()
        page.wait_for_timeout(200)
        self.check(f"{where}: dragging up or down zooms one chart", back.is_visible())
        if back.is_visible():
            back.click()
        page.wait_for_timeout(300)
        self.check(f"{where}: everything is shown again", not back.is_visible())
        plot.focus()
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(150)
        self.check(f"{where}: arrow keys tell values", card.locator(".cross").is_visible())
        page.locator(".slide input").fill("40")
        page.get_by_label("Log y").check()
        page.wait_for_timeout(300)
        self.check(f"{where}: smoothing and the logarithmic axis are in the address", "smooth=40" in page.url and "log=1" in page.url, page.url)
        for axis in page.locator(".choice input:not([disabled])").all():
            axis.check(force=True)
            page.wait_for_timeout(120)
        with page.expect_download(timeout=30000) as download:
            card.hover()
            card.get_by_role("button", name="Download as CSV").click()
        rows = pathlib.Path(download.value.path()).read_text(encoding="utf-8").splitlines()
        longest = sum(len(curve["value"]) for curve in answers["curves"]["curves"] if plain(curve["field"]) == field)
        self.check(f"{where}: a curve as CSV", len(rows) > longest or len(rows) - 1 >= longest, f"{len(rows)} lines, {longest} values")
        with page.expect_download(timeout=30000) as download:
            card.hover()
            card.get_by_role("button", name="Download as picture").click()
        self.check(f"{where}: a curve as picture", pathlib.Path(download.value.path()).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n")

    def compare(self, runs):
        context = self.context()
        page = self.page(context)
        self.go(page, "#/")
        boxes = page.locator("table.runs tbody input")
        boxes.nth(0).check()
        boxes.nth(1).check()
        page.click(".tray a")
        page.wait_for_function("() => { const board = document.querySelector('.board'); return board && !board.hidden; }", timeout=60000)
        page.wait_for_timeout(500)
        self.check("compare: the address names both", len(page.url.split("#/compare/")[1].split("?")[0].split(",")) == 2, page.url)
        self.check("compare: a legend with both", page.locator(".legend button").count() == 2)
        page.locator(".legend button").first.click()
        self.check("compare: a run can be hidden", page.locator('.legend button[aria-pressed="false"]').count() == 1)
        page.wait_for_timeout(300)
        self.harmless(page, "compare")
        context.close()
        self.quiet("compare")

    def sources(self):
        context = self.context()
        answers = {}
        page = self.page(context, answers)
        self.go(page, "#/sources")
        document = answers.get("sources", {})
        names = [plain(watcher["name"]) for watcher in document.get("watchers", [])]
        heads = page.eval_on_selector_all(".card header h2", "nodes => nodes.map(node => node.textContent)")
        self.check("sources: a card for every watcher", heads[:len(names)] == names, str(heads))
        found = sum(len(watcher.get("findings", [])) for watcher in document.get("watchers", []))
        self.check("sources: every finding", page.locator(".findings li").count() == found, str(found))
        text = " ".join(page.inner_text("main").split())
        lost = [finding["text"] for watcher in document.get("watchers", []) for finding in watcher.get("findings", [])[:3]
                if re.match(r"\S+:\d+", finding["text"]) and plain(re.match(r"\S+:\d+", finding["text"])[0]) not in text]
        self.check("sources: findings with file and line", not lost, str(lost[:2]))
        self.harmless(page, "sources")
        context.close()
        self.quiet("sources")

    def metrics(self):
        context = self.context()
        answers = {}
        page = self.page(context, answers)
        self.go(page, "#/metrics")
        document = answers.get("metrics", {})
        expected = [(plain(metric["name"]), float(metric.get("series", 0))) for metric in document.get("metrics", [])]
        shown = page.eval_on_selector_all("table.metrics tbody tr", "rows => rows.map(row => [row.querySelector('th code').textContent, Number(row.querySelector('.budget-cell data').value)])")
        self.check("metrics: every metric with its series", [tuple(one) for one in shown] == expected, f"{len(shown)} and {len(expected)}")
        self.harmless(page, "metrics")
        context.close()
        self.quiet("metrics")

    def gone(self):
        context = self.context()
        page = self.page(context)
        self.go(page, "#/")
        away = []
        page.route("**/api/v1/*", lambda route: (away.append(1), route.abort()))
        page.wait_for_selector("#banner:not([hidden])", timeout=20000)
        self.check("gone: said plainly", "does not answer" in page.inner_text("#banner"), page.inner_text("#banner"))
        self.check("gone: what was shown stays", page.locator("main h1").count() == 1)
        page.unroute("**/api/v1/*")
        page.click("#banner button")
        page.wait_for_selector("#banner", state="hidden", timeout=20000)
        context.close()
        self.noise = [text for text in self.noise if "ERR_FAILED" not in text]
        self.quiet("gone")

    def kept(self, runs):
        context = self.context(accept_downloads=True)
        page = self.page(context)
        self.go(page, "#/")
        with page.expect_download(timeout=120000) as download:
            page.click("#keep")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "kept.html")
            download.value.save_as(path)
            alone = self.browser.new_context(offline=True)
            other = alone.new_page()
            other.on("console", lambda message: self.noise.append(f"{message.type}: {message.text}") if message.type in ("error", "warning") else None)
            other.on("request", lambda request: None if request.url.startswith(("file:", "data:", "blob:")) else self.noise.append("a request to " + request.url))
            other.goto("file://" + path)
            other.wait_for_timeout(500)
            self.check("kept: the file has the runs", abs(other.locator("table.runs tbody tr").count() - len(runs)) <= 2)
            if runs:
                other.locator("table.runs tbody a").first.click()
                other.wait_for_function("() => { const board = document.querySelector('.board'); return board && !board.hidden; }", timeout=20000)
            alone.close()
        context.close()
        self.quiet("kept")

    @staticmethod
    def made_run(place):
        return {"id": f"{place:016x}", "labels": {"run": f"made{place}"}, "state": "finished", "files": 1, "start": 1000.0 + place, "end": 2000.0 + place,
                "last_record": 2000.0 + place, "loss": 0.5, "diverged": False, "recent_loss": [1.0, 0.5], "non_finite_values": {}}

    @staticmethod
    def made_curve(run, field, values, **more):
        return {"run": f"{run:016x}", "file": f"runs/made{run}.csv", "field": field, "total": len(values), "non_finite": 0,
                "record": list(range(1, len(values) + 1)), "step": list(range(1, len(values) + 1)), "value": values, **more}

    def made(self):
        """Holds the page to documents that are made up, for what an exporter seldom has."""
        state = {"count": 1500, "turn": 0, "curves": lambda points: []}

        def answer(route):
            address = urllib.parse.urlsplit(route.request.url)
            query = urllib.parse.parse_qs(address.query)
            name = address.path.rsplit("/", 1)[1]
            state["turn"] += 1
            document = {"time": 5000.0 + state["turn"]}
            if name == "runs":
                start, limit = int(query.get("offset", ["0"])[0]), int(query.get("limit", ["1000"])[0])
                document.update(total=state["count"], runs=[self.made_run(place) for place in range(start, min(start + limit, state["count"]))])
                if start > 0 and state.get("withheld"):
                    return route.fulfill(status=503, json={"error": "not now"})
            elif name == "curves":
                wanted, fields = query.get("run", []), query.get("field")
                document.update(left_out=[], curves=[curve for curve in state["curves"](int(query["points"][0])) if curve["run"] in wanted and (not fields or curve["field"] in fields)])
            elif name == "metrics":
                document.update(limit=100, series=1, metrics=[{"name": "made_bytes", "type": "gauge", "unit": "bytes", "labels": [], "series": 1}])
            else:
                document.update(watchers=[], collectors=[])
            route.fulfill(status=200, json=document)

        def open_page(place):
            page = self.page(context)
            page.route("**/api/v1/*", answer)
            page.goto(self.exporter.url + place)
            return page

        def notes(page):
            page.wait_for_selector(".chart canvas", timeout=20000)
            page.wait_for_timeout(300)
            return " ".join(page.locator(".chart .note").first.text_content().split())

        context = self.context()
        page = open_page("#/")
        page.wait_for_function("() => document.querySelectorAll('table.runs tbody tr').length === 1000 && !document.querySelector('.more').hidden", timeout=30000)
        page.click(".more button")
        page.wait_for_function("() => document.querySelectorAll('table.runs tbody tr').length === 1500 && document.querySelector('.more').hidden", timeout=30000)
        self.check("made: all of 1,500 runs are there", "All is well" in page.inner_text(".summary"), page.inner_text(".summary"))
        page.close()
        state["count"] = 15000
        state["withheld"] = True
        page = open_page("#/")
        page.wait_for_selector("table.runs tbody tr")
        summary = page.inner_text(".summary")
        self.check("made: where runs are not here, all is not well", "The first 1,000 of 15,000 runs" in summary and "well" not in summary, summary)
        page.fill("#find", "made14999")
        self.check("made: no run matches among those that are here", "among the first 1,000 of 15,000 runs" in page.inner_text(".empty"), page.inner_text(".empty"))
        page.close()
        state["withheld"] = False
        self.noise = [text for text in self.noise if "503" not in text]
        state["count"] = 1500
        page = open_page(f"#/run/{1400:016x}")
        page.wait_for_function("() => document.querySelector('h1').textContent.includes('made1400')", timeout=20000)
        self.check("made: a run behind the first thousand has its page", page.locator(".empty h2:visible").count() == 0)
        page.close()

        page = open_page("#/")
        page.wait_for_function("() => document.querySelectorAll('table.runs tbody tr').length === 1000 && !document.querySelector('.more').hidden", timeout=30000)
        with page.expect_download(timeout=120000) as download:
            page.click("#keep")
        kept = json.loads(re.search(r'id="snapshot">(.*?)</script>', pathlib.Path(download.value.path()).read_text(encoding="utf-8"), re.S)[1])
        told = [one["run"] for one in kept["curves"]["left_out"] if "first 100 runs" in one["why"]]
        self.check("made: a kept page says which runs have no curves in it", len(told) == 1400, str(len(told)))
        self.check("made: a kept page is not to be loaded again", "Load it again" not in pathlib.Path(download.value.path()).read_text(encoding="utf-8").split("<noscript>")[1].split("</noscript>")[0])
        page.close()

        state["curves"] = lambda points: [self.made_curve(0, "loss", [1 / place for place in range(1, 101)], total=5000)]
        page = open_page(f"#/run/{0:016x}?smooth=40")
        text = notes(page)
        self.check("made: a smoothed curve that is thinned says so", "Smoothed over 100 of 5,000 values, peaks included: it may lie off the average." in text, text)
        page.locator(".slide input").fill("0")
        page.wait_for_timeout(300)
        self.check("made: without smoothing nothing is said of it", "Smoothed" not in page.locator(".chart .note").first.text_content())
        # A chart that is wide gets what comes.
        last = "() => document.querySelector('.chart .reading > data').getAttribute('value')"
        state["curves"] = lambda points: [self.made_curve(0, "loss", [1.0] * 99 + [points + state["turn"]])]
        page.locator(".acts button").first.click()
        page.wait_for_function(f"() => Number(({last})()) > 2000", timeout=20000)
        first = float(page.evaluate(last))
        page.wait_for_function(f"() => Number(({last})()) > {first}", timeout=20000)
        self.check("made: a wide chart goes on", float(page.evaluate(last)) > max(first, 2000))
        page.close()

        state["curves"] = lambda points: [self.made_curve(0, "loss", [-1.0, *[1 / place for place in range(1, 100)]], step=[None] * 3 + list(range(-1, 96)))]
        page = open_page(f"#/run/{0:016x}?log=1&logx=1&x=step")
        text = notes(page)
        self.check("made: values before the first step are told", "3 values before the first step are not drawn." in text, text)
        self.check("made: values at 0 or less of the x axis are told apart", "2 values at 0 or less of the x axis" in text and "of 0 or less cannot" not in text, text)
        page.close()

        for field, values, more in (("plain", [1234 + place / 1000 for place in range(100)], {}), ("large", [5e9 + place * 20000 for place in range(100)], {"metric": "made_bytes"})):
            state["curves"] = lambda points: [self.made_curve(0, field, values, **more)]
            page = open_page(f"#/run/{0:016x}")
            notes(page)
            labels = page.eval_on_selector_all(".chart .dygraph-axis-label-y", "nodes => nodes.map(node => node.textContent).filter(Boolean)")
            self.check(f"made: ticks of {field} values differ", len(labels) > 1 and len(set(labels)) == len(labels), str(labels))
            page.close()

        state["curves"] = lambda points: [self.made_curve(run, "loss", [run + twin + 1 / place for place in range(1, 100)], labels={"tag": tag}) for run in (0, 1) for twin, tag in enumerate(("train", "val"))]
        page = open_page(f"#/compare/{0:016x},{1:016x}")
        notes(page)
        lines = page.eval_on_selector_all(".chart .readout .swatch path", "nodes => nodes.map(node => node.getAttribute('stroke') + ' ' + node.getAttribute('stroke-dasharray'))")
        self.check("made: twins are told apart in a comparison", len(set(lines)) == 4, str(lines))
        context.close()
        self.quiet("made")

    def accessible(self, places):
        if not self.axe:
            print("        axe is not here: pip install axe-playwright-python")
        for size in SIZES:
            for dark in (False, True):
                context = self.context(size, dark)
                page = self.page(context)
                for name, place in places:
                    self.go(page, place)
                    where = f"{name}, {size}, {'dark' if dark else 'light'}"
                    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                    self.check(f"{where}: nothing is wider than the window", over <= 0, f"{over} px")
                    if self.axe:
                        page.evaluate(self.axe)
                        violations = page.evaluate("axe.run()")["violations"]
                        self.check(f"{where}: axe", not violations, "; ".join(f"{one['id']} ({len(one['nodes'])}): {one['nodes'][0]['html'][:100]}" for one in violations[:3]))
                    if self.options.screenshots:
                        page.screenshot(path=os.path.join(self.options.screenshots, f"{name}-{size}-{'dark' if dark else 'light'}.png"))
                context.close()
        self.quiet("accessibility")

    def speed(self):
        context = self.context()
        page = self.page(context)
        self.go(page, "#/")
        times = []
        for _ in range(3):
            page.reload(wait_until="load")
            page.wait_for_selector("table.runs tbody tr, .empty:visible")
            times.append(page.evaluate("""() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"""))
        print(f"        first paint with the runs: {min(times):.0f} ms")
        if self.options.budget_ms:
            self.check("speed: the runs are painted in time", min(times) <= self.options.budget_ms, f"{min(times):.0f} ms")
        context.close()
        self.quiet("speed")

    def all(self):
        self.served()
        self.without_script()
        runs = self.runs()
        chosen = self.sorted(runs)[:self.options.runs]
        for run in chosen:
            self.run(run)
        if len(runs) > 1:
            self.compare(runs)
        self.sources()
        self.metrics()
        self.gone()
        self.kept(runs)
        self.made()
        self.speed()
        places = [("runs", "#/"), ("sources", "#/sources"), ("metrics", "#/metrics")]
        if runs:
            places.append(("run", "#/run/" + self.sorted(runs)[0]["id"]))
        if len(runs) > 1:
            places.append(("compare", "#/compare/" + ",".join(run["id"] for run in runs[:4])))
        self.accessible(places)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("url")
    parser.add_argument("--user", help="NAME:PASSWORD, where the exporter wants them")
    parser.add_argument("--browser", default=shutil.which("chromium") or shutil.which("google-chrome"))
    parser.add_argument("--runs", type=int, default=5, help="how many runs' pages to look at")
    parser.add_argument("--screenshots", help="a folder for pictures of every page")
    parser.add_argument("--budget-ms", type=float, help="by when the runs must be painted")
    options = parser.parse_args()
    if not options.browser:
        print("page-test.py: needs a Chromium: apt-get install chromium", file=sys.stderr)
        return 2
    if options.screenshots:
        os.makedirs(options.screenshots, exist_ok=True)
    exporter = Exporter(options.url, options.user)
    try:
        exporter.get("")
    except OSError as error:
        print(f"page-test.py: {options.url} does not answer: {error}", file=sys.stderr)
        return 2
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.browser, args=["--no-sandbox"])
        test = Test(browser, exporter, options)
        test.all()
        browser.close()
    print(f"{test.passed} checks hold, {test.failed} do not")
    return 1 if test.failed else 0


if __name__ == "__main__":
    sys.exit(main())
