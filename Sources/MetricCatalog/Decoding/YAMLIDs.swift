/// What `YAMLSyntax` reports, which knows no rules.
enum YAMLID {
  static let all = [
    syntax, encoding, controlCharacter, size, depth, nodes, documents, alias, duplicateKey, tag, mergeKey, key,
  ]

  static let syntax = RuleID(
    "yaml/syntax",
    .error,
    "the file is not YAML; nothing else is reported then",
    why: """
      Nothing can be read from a file that is not YAML, so this stands alone: further mistakes appear once it is \
      mended. An exporter that runs keeps the catalog that it has.
      """,
    remedy: """
      Look at the place that the message names, and at the line above it. The usual causes are a missing `:`, a text \
      with `: ` or `{` that wants quotes, a ` #` that begins a comment, and lines that are not indented alike.
      """,
    triggers: """
      metrics:
        loss:
          type gauge
          help: Training loss
      """,
    passes: """
      metrics:
        loss:
          type: gauge
          help: Training loss
      """
  )

  static let encoding = RuleID(
    "yaml/encoding",
    .error,
    "the file is not UTF-8; nothing else is reported then",
    why: """
      Prometheus accepts UTF-8 only. A help text in another encoding would make it refuse the whole scrape, so such a \
      file is refused here, where the byte can still be named.
      """,
    remedy: """
      Save the file as UTF-8. `iconv -f ISO-8859-1 -t UTF-8 OLD > NEW` converts one that was written in Latin-1. \
      Editors of Windows call UTF-16 `Unicode`.
      """,
    triggers: #"""
      $ printf 'version: 1 # caf\351\n' > metrics.yaml
      $ training-exporter validate metrics.yaml
      """#,
    passes: """
      metrics:
        loss: { type: gauge, help: Perte à l’entraînement }
      """
  )

  static let controlCharacter = RuleID(
    "yaml/control-character",
    .error,
    "a control character in the file; nothing else is reported then",
    why: """
      Control characters cannot be seen in an editor, and some of them change what a terminal shows. One in a name or \
      label value makes series that nobody can query by typing.
      """,
    remedy: """
      Remove the character; it often comes along with text that was copied from a terminal. Where it is meant, as in \
      a separator, write it as an escape in double quotes: `"\\t"`.
      """,
    triggers: #"""
      $ printf 'version: 1\007\n' > metrics.yaml
      $ training-exporter validate metrics.yaml
      """#,
    passes: """
      metrics:
        loss: { type: gauge, help: Training loss }
      """
  )

  static let size = RuleID(
    "yaml/size",
    .error,
    "the file is larger than 1 MiB; nothing else is reported then",
    why: """
      A catalog is written by people, and 1 MiB is some 10,000 metrics. A larger file is nearly always not a catalog, \
      such as a log that was named by mistake.
      """,
    remedy: """
      Check that the right file is named. If it is a catalog that was generated, split it, and run one exporter for \
      each part.
      """,
    triggers: """
      $ truncate -s 2M metrics.yaml
      $ training-exporter validate metrics.yaml
      """
  )

  static let depth = RuleID(
    "yaml/depth",
    .error,
    "more than 64 levels inside each other; nothing else is reported then",
    why: """
      A catalog needs about six levels. Deeper nesting comes from a damaged or hostile file, and costs time and \
      memory that grow with it.
      """,
    remedy: """
      Look at the place for brackets that are never closed.
      """,
    triggers: """
      metrics: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
      """,
    passes: """
      metrics: {}
      """
  )

  static let nodes = RuleID(
    "yaml/nodes",
    .error,
    "aliases make more than 100,000 keys and values; nothing else is reported then",
    why: """
      A few lines of aliases can stand for billions of values, which is an old way to exhaust the memory of whatever \
      reads YAML. So what aliases stand for is counted.
      """,
    remedy: """
      Write out what the aliases repeat, or repeat less. A catalog that needs 100,000 keys belongs in several \
      exporters.
      """,
    triggers: """
      a: &a [x, x, x, x, x, x, x, x, x, x]
      b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
      c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
      d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
      e: [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
      """,
    passes: """
      labels:
        task: &task { values: [detect, pose] }
        former_task: *task
      """
  )

  static let documents = RuleID(
    "yaml/documents",
    .error,
    "a second document in the file; nothing else is reported then",
    why: """
      Of a file with two documents only one could be used. Which one was meant nobody can tell, and the metrics of \
      the other would be missing without a word.
      """,
    remedy: """
      Keep one document: remove the line `---`, and merge the sections on both sides of it. Each of `labels`, \
      `metrics` and `watchers` stands once.
      """,
    triggers: """
      metrics: { loss: { type: gauge, help: Training loss } }
      ---
      watchers: {}
      """,
    passes: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers: {}
      """
  )

  static let alias = RuleID(
    "yaml/alias",
    .error,
    "an alias without its anchor; nothing else is reported then",
    why: """
      `*name` repeats what `&name` marks above it. Without that mark there is nothing to repeat.
      """,
    remedy: """
      For a text that begins with `*`, such as a path, use quotes: `"*.csv"`. For an alias, put `&name` before the \
      value that it repeats, further up in the file.
      """,
    triggers: """
      labels:
        task: { values: [detect, pose] }
        former_task: *task
      """,
    passes: """
      labels:
        task: &task { values: [detect, pose] }
        former_task: *task
      """
  )

  static let duplicateKey = RuleID(
    "yaml/duplicate-key",
    .error,
    "a key twice in one mapping",
    why: """
      Most YAML readers silently keep the last of two equal keys. In a long catalog that is a metric that turned into \
      another one, and nobody knows when.
      """,
    remedy: """
      Rename one of the two, or remove it. For several targets of one field, write a list: `x: [a, b]`.
      """,
    triggers: """
      metrics:
        loss: { type: gauge, help: Training loss }
        loss: { type: gauge, help: Validation loss }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Training loss }
        validation_loss: { type: gauge, help: Validation loss }
      """
  )

  static let tag = RuleID(
    "yaml/tag",
    .error,
    "a tag such as `!!binary`",
    why: """
      A tag asks the reader to make something of a value that the catalog has no use for. What differs from reader to \
      reader must not decide about metrics.
      """,
    remedy: """
      Remove the tag. A text that begins with `!` needs quotes.
      """,
    triggers: """
      metrics:
        loss: { type: gauge, help: !!binary TG9zcw== }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Loss }
      """
  )

  static let mergeKey = RuleID(
    "yaml/merge-key",
    .error,
    "a merge key `<<`",
    why: """
      `<<` is not part of YAML 1.2, and readers disagree about which of two values wins. A catalog has to mean the \
      same everywhere.
      """,
    remedy: """
      Write the keys out. An alias may repeat a whole value (`labels: *common`), but it cannot be changed in part.
      """,
    triggers: """
      metrics:
        loss: &loss { type: gauge, help: Training loss }
        validation_loss: { <<: *loss }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Training loss }
        validation_loss: { type: gauge, help: Validation loss }
      """
  )

  static let key = RuleID(
    "yaml/key",
    .error,
    "a key that is not a text",
    why: """
      Every key of a catalog is a name. A key that is a list or a mapping mostly comes from braces without quotes: \
      `{run}: x` is a mapping with the key `run`, not the text `{run}`.
      """,
    remedy: """
      Put a key that begins with `{` or `[` in quotes.
      """,
    triggers: """
      labels: { part: { values: [box, cls] } }
      metrics: { loss: { type: gauge, help: Training loss, labels: [part] } }
      watchers:
        log:
          files: log.csv
          format: csv
          fields:
            {part}: loss
      """,
    passes: """
      labels: { part: { values: [box, cls] } }
      metrics: { loss: { type: gauge, help: Training loss, labels: [part] } }
      watchers:
        log:
          files: log.csv
          format: csv
          fields:
            "{part}": loss
      """
  )
}
