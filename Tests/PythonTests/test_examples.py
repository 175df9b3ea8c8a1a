"""The examples in Python, as a user would run them, and what the exporter makes of what they write."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import support


def served(folder):
    """What `training-exporter once` shows."""
    result = subprocess.run([support.BINARY, "once"], cwd=folder, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    lines = [line.rsplit(" ", 1) for line in result.stdout.splitlines() if not line.startswith("#")]
    return {series: float(value) for series, value in lines}


class ExampleTests(unittest.TestCase):
    def copy(self, name):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name, name)
        ignore = shutil.ignore_patterns("events", "metrics.py", "__pycache__", "state")
        shutil.copytree(support.PACKAGE / "examples" / name, path, ignore=ignore)
        result = subprocess.run([support.BINARY, "validate"], cwd=path, capture_output=True, text=True, timeout=60)
        self.assertNotIn("warning", result.stdout + result.stderr)
        self.assertEqual(result.returncode, 0, result.stderr)
        subprocess.run([support.BINARY, "generate", "python", "--output", "metrics.py"], cwd=path, check=True, timeout=60)
        return path

    def run_in(self, folder, *command):
        return subprocess.run([sys.executable, *command], cwd=folder, capture_output=True, text=True, timeout=60)

    def test_training(self):
        folder = self.copy("python-training")
        result = self.run_in(folder, "train.py", "4")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
        found = served(folder)
        self.assertEqual(found['training_duration_seconds_count{model="yolov11m-obb"}'], 4)
        self.assertGreater(found['training_duration_seconds_sum{model="yolov11m-obb"}'], 0.2)
        self.assertEqual(found['training_loss{model="yolov11m-obb",epoch="0"}'], 1)
        self.assertAlmostEqual(found['learning_rate{model="yolov11m-obb"}'], 0.01 * 0.9**3)
        self.assertAlmostEqual(found['validation_map{model="yolov11m-obb",iou_threshold="0.5"}'], 0.4511883639)
        self.assertEqual(found['gpu_memory_allocated_bytes{device_id="0"}'], 2 << 30)
        # A second run adds to it; the exporter's next start does not.
        self.run_in(folder, "train.py", "3")
        self.assertEqual(served(folder)['training_duration_seconds_count{model="yolov11m-obb"}'], 7)

    def test_inference(self):
        folder = self.copy("python-inference")
        result = self.run_in(folder, "predict.py")
        self.assertEqual((result.returncode, result.stderr), (1, "predict.py: the image cannot be read\n"))
        found = served(folder)
        self.assertEqual(found['images_processed_total{stage="inference",status="success"}'], 2)
        self.assertEqual(found['images_processed_total{stage="inference",status="failed"}'], 1)
        self.assertEqual(found['errors_total{error_type="OSError",stage="inference"}'], 1)
        self.assertEqual(found['inference_time_seconds_count{model="yolov11m",use_sahi="true"}'], 3)
        self.assertEqual(found['detections_per_image_sum{model="yolov11m"}'], 10)
        self.assertEqual(found['confidence_scores_count{model="yolov11m"}'], 10)
        self.assertEqual(found["nms_filtering_time_seconds_count"], 2)
        self.assertEqual(found['detections_before_nms{image_id="current"}'], 10)
        self.assertEqual(found['detections_after_nms{image_id="current"}'], 5)


class PageTests(unittest.TestCase):
    def test_the_five_minutes_of_the_page(self):
        page = (support.PACKAGE / "docs/python.md").read_text()
        catalog = re.search(r"```yaml\n(version: 1\n.*?)```", page, re.S)[1]
        program = re.search(r"```python\n(import math\n.*?)```", page, re.S)[1]
        with tempfile.TemporaryDirectory() as folder:
            support.generate(folder, catalog)
            pathlib.Path(folder, "train.py").write_text(program.replace("range(2000)", "range(10)"))
            subprocess.run([sys.executable, "train.py"], cwd=folder, check=True, timeout=60)
            found = served(folder)
        self.assertEqual(found['images_processed_total{status="success"}'], 320)
        self.assertEqual(found["step_time_seconds_count"], 10)
        self.assertLess(found['training_loss{run="first"}'], 1)


class ServedTests(support.ModuleTest):
    """Every type of metric, as the exporter shows what a program has called."""

    maxDiff = None
    catalog = support.CATALOG + 'watchers:\n  app: { files: "events/*", format: events }\n'

    def test_every_type(self):
        shutil.copy(pathlib.Path(self.made.name, "metrics.yaml"), self.folder.name)
        self.run_program("""
            m.images_total.labels(status="success").inc(3)
            m.images_total.labels(status="failed")
            m.plain_total.inc(0.5)
            m.loss.labels(run='a "quote"', model="new").set(float("nan"))
            m.temperature.labels(device=3).set(-1.5)
            for value in [0.05, 0.1, 0.3, 1.5, 7]: m.time_seconds.labels(model="a").observe(value)
            for value in [-1, 0, 0.3, 700]: m.gap_seconds.labels(run="g").observe(value)
            m.size_bytes.labels(run="r").observe(10)
            m.build_info.info({"run": "r1", "version": "1.0"})
            m.phase.state("running")
            m.job.labels(run="j").state("down")
        """)
        found = served(self.folder.name)
        expected = {
            'images_total{status="success"}': 3, 'images_total{status="failed"}': 0, "plain_total": 0.5,
            'temperature{device="3"}': -1.5, 'time_seconds_bucket{model="a",le="0.1"}': 2,
            'time_seconds_bucket{model="a",le="0.5"}': 3, 'time_seconds_bucket{model="a",le="1.0"}': 3,
            'time_seconds_bucket{model="a",le="2.0"}': 4, 'time_seconds_bucket{model="a",le="+Inf"}': 5,
            'gap_seconds_bucket{run="g",le="0.0"}': 2, 'gap_seconds_bucket{run="g",le="0.5"}': 3,
            'gap_seconds_bucket{run="g",le="+Inf"}': 4, 'gap_seconds_sum{run="g"}': 699.3,
            'size_bytes_count{run="r"}': 1, 'size_bytes_sum{run="r"}': 10, 'build_info{run="r1",version="1.0"}': 1,
            'phase{phase="running"}': 1, 'phase{phase="done"}': 0, 'job{run="j",job="down"}': 1, 'job{run="j",job="up"}': 0,
        }  # fmt: skip
        self.assertEqual({name: found.get(name) for name in expected}, expected)
        self.assertIn('loss{run="a \\"quote\\"",model="other"}', found)
        self.assertFalse([name for name in found if "rejections" in name])


if __name__ == "__main__":
    unittest.main()
