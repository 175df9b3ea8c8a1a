/// What the decoding of nodes itself reports: shapes and kinds of values, before any rule looks at what they mean.
enum DecodingID {
  static let all = [
    unknownKey, missingKey, indentation, type, choice, bounds, duration, range, version, target, collector, more,
  ]

  static let unknownKey = RuleID(
    "key/unknown",
    .error,
    "a key that does not exist there",
    why: """
      A key that is not known does nothing. A misspelled `expire_after` would keep dead series alive, and nobody \
      would see why, so every unknown key is an error.
      """,
    remedy: """
      The message names the key that is closest, or all that there are. [The catalog's language](../../catalog.md) \
      describes each of them.
      """,
    triggers: """
      metrics:
        loss: { type: gauge, description: Training loss }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Training loss }
      """
  )

  static let missingKey = RuleID(
    "key/missing",
    .error,
    "a required key is missing",
    why: """
      Nothing sensible can be assumed for these keys: a metric without a type cannot be exposed, and a watcher \
      without `files` reads nothing.
      """,
    remedy: """
      Add the key. Required are `version`, a metric's `type` and `help`, a watcher's `files` and `format`, and what \
      the keys inside them say.
      """,
    triggers: """
      metrics:
        loss: { type: gauge }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Training loss }
      """
  )

  static let indentation = RuleID(
    "key/indentation",
    .error,
    "keys that stand beside what they belong to, not below it",
    why: """
      YAML goes by indentation. Keys at the depth of a name are further names, so the thing itself stays empty: a \
      watcher that is written like this has neither `files` nor `format`.
      """,
    remedy: """
      Indent the keys by at least one blank more than the name that they belong to.
      """,
    triggers: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log:
        files: log.csv
        format: csv
        fields: { loss: loss }
      """,
    passes: """
      metrics: { loss: { type: gauge, help: Training loss } }
      watchers:
        log:
          files: log.csv
          format: csv
          fields: { loss: loss }
      """
  )

  static let type = RuleID(
    "value/type",
    .error,
    "a value of the wrong kind: a text where a number is wanted, a map where a text is",
    why: """
      The catalog never guesses what a value of another kind may mean: a number in quotes is a text, and a text with \
      braces but no quotes is a mapping.
      """,
    remedy: """
      Write what the message wants. Numbers stand without quotes; texts that contain `{` stand with them; names of \
      things stand as keys, not as entries of a list.
      """,
    triggers: """
      metrics:
        - name: loss
          type: gauge
          help: Training loss
      """,
    passes: """
      metrics:
        loss:
          type: gauge
          help: Training loss
      """
  )

  static let choice = RuleID(
    "value/choice",
    .error,
    "a word that is not one of those that are possible there",
    why: """
      Each of these words means something that the exporter has to do. For a word that it does not know there is \
      nothing to do.
      """,
    remedy: """
      Take one of the words that the message lists.
      """,
    triggers: """
      metrics:
        loss: { type: guage, help: Training loss }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Training loss }
      """
  )

  static let bounds = RuleID(
    "value/bounds",
    .error,
    "a number or duration that is too small or too large",
    why: """
      A limit of 0 would show nothing, and one of billions would promise more memory than the machine has. Durations \
      end at ten years, so that sums of them cannot overflow.
      """,
    remedy: """
      Choose a value inside the bounds that the message names. To have no limit at all, leave the key out.
      """,
    triggers: """
      limits: { series: 0 }
      """,
    passes: """
      limits: { series: 10000 }
      """
  )

  static let duration = RuleID(
    "value/duration",
    .error,
    "not a duration such as `500ms 15s 5m 2h 14d`",
    why: """
      A bare number has no unit. Read as seconds where minutes are meant, it ends series in the middle of a training.
      """,
    remedy: """
      Write a whole number and one unit without a blank: `500ms`, `15s`, `5m`, `2h`, `14d`. For an hour and a half, \
      write `90m`.
      """,
    triggers: """
      metrics:
        loss: { type: gauge, help: Training loss, expire_after: 3600 }
      """,
    passes: """
      metrics:
        loss: { type: gauge, help: Training loss, expire_after: 1h }
      """
  )

  static let range = RuleID(
    "label/range",
    .error,
    "not a range of integers such as `0..99`",
    why: """
      `values` bounds the label, and with it the number of series. What cannot be read as a bound would leave it \
      open.
      """,
    remedy: """
      Write a range of integers as `0..99`, both ends included and the smaller one first, or list the texts: `[a, \
      b]`.
      """,
    triggers: """
      labels:
        gpu: { values: 0-7 }
      """,
    passes: """
      labels:
        gpu: { values: 0..7 }
      """
  )

  static let version = RuleID(
    "catalog/version",
    .error,
    "a version of the catalog's language that is not 1",
    why: """
      The version says which language the file is written in. Read by the rules of another one, the same keys could \
      mean something else.
      """,
    remedy: """
      Write `version: 1`. If the file is made for a newer exporter, update the exporter.
      """,
    triggers: """
      version: 2
      metrics: {}
      """,
    passes: """
      version: 1
      metrics: {}
      """
  )

  static let target = RuleID(
    "target/syntax",
    .error,
    "a target that is not `NAME` or `NAME{label=\"value\"}`",
    why: """
      A target that cannot be read feeds nothing, so its metric would stay empty.
      """,
    remedy: """
      Write the metric's name, with labels as PromQL has them: `loss{part="box"}`. Inside `{ }` of YAML put the whole \
      target in quotes. The long form is `{ metric: loss, labels: { part: box } }`.
      """,
    triggers: """
      labels: { part: { values: [box, cls] } }
      metrics: { loss: { type: gauge, help: Training loss, labels: [part] } }
      watchers:
        log: { files: log.csv, format: csv, fields: { box: 'loss{part=box}' } }
      """,
    passes: """
      labels: { part: { values: [box, cls] } }
      metrics: { loss: { type: gauge, help: Training loss, labels: [part] } }
      watchers:
        log: { files: log.csv, format: csv, fields: { box: 'loss{part="box"}' } }
      """
  )

  static let collector = RuleID(
    "collector/unknown",
    .error,
    "a collector that does not exist",
    why: """
      Nothing reads the machine under that name, so the metrics that it is to feed would stay empty.
      """,
    remedy: """
      The message lists the collectors that there are; [their page](../../collectors.md) says what each of them \
      reads. Logs are read by `watchers`.
      """,
    triggers: """
      metrics: { cpu_usage_ratio: { type: gauge, help: CPU usage } }
      collectors:
        sytem: { readings: { cpu.usage_ratio: cpu_usage_ratio } }
      """,
    passes: """
      metrics: { cpu_usage_ratio: { type: gauge, help: CPU usage } }
      collectors:
        system: { readings: { cpu.usage_ratio: cpu_usage_ratio } }
      """
  )

  static let more = RuleID(
    "catalog/more",
    .warning,
    "more than 1,000 errors or warnings; the rest is not shown",
    why: """
      A file with so many mistakes is mostly not a catalog, or one mistake stands in a template. Nobody reads the \
      rest, and to collect it costs memory.
      """,
    remedy: """
      Mend what is shown, and check again.
      """,
    triggers: """
      $ (echo 'version: 1'; seq --format 'key_%g: 1' 1001) > metrics.yaml
      $ training-exporter validate metrics.yaml
      """
  )
}
