/// What reading the file reports.
enum FileID {
  static let all = [
    missing, kind, unreadable, empty,
  ]

  static let missing = RuleID(
    "file/missing",
    .error,
    "there is no such file",
    why: """
      Without its catalog the exporter does not start, and a CI job that checks a file which is not there checks \
      nothing.
      """,
    remedy: """
      Name the catalog: `training-exporter validate FILE`, or `--config.file FILE`. Without either, the program looks \
      for `metrics.yaml` in the working directory. A service has a working directory of its own, so give it an \
      absolute path. `~` and variables are not expanded.
      """,
    triggers: """
      $ training-exporter validate metrics.yaml
      """
  )

  static let kind = RuleID(
    "file/kind",
    .error,
    "a directory or a device where a file is wanted",
    why: """
      A directory holds no catalog, and a device may go on forever and fill the memory. So neither is read.
      """,
    remedy: """
      Name the file itself. A directory often appears where a container mounts a volume over a file that did not \
      exist yet: create the file first, and start the container again.
      """,
    triggers: """
      $ mkdir metrics.yaml
      $ training-exporter validate metrics.yaml
      """
  )

  static let unreadable = RuleID(
    "file/unreadable",
    .error,
    "the file cannot be read",
    why: """
      The exporter cannot start without its catalog, and a reload that cannot read it keeps the former one.
      """,
    remedy: """
      The message ends in the system's own reason. For `Permission denied`, let the user that the exporter runs as \
      read the file, and enter every folder above it. `Too many levels of symbolic links` is a link that leads to \
      itself.
      """,
    triggers: """
      $ ln -s metrics.yaml metrics.yaml
      $ training-exporter validate metrics.yaml
      """
  )

  static let empty = RuleID(
    "file/empty",
    .error,
    "the file is empty",
    why: """
      An empty catalog declares no metric. Mostly the file was cut while it was written, or a template gave nothing; \
      an exporter that accepted it would serve nothing and look healthy.
      """,
    remedy: """
      Restore the file. A catalog begins with `version: 1`; `training-exporter --help` shows a small one that is \
      complete.
      """,
    triggers: """
      $ touch metrics.yaml
      $ training-exporter validate metrics.yaml
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Training loss }
      """
  )
}
