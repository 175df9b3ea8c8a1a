import Testing

@testable import LogFormats

private func mlflow(_ path: String, lineBytesMax: Int = 4096) -> MlflowFormat {
  let run = "/home/me/mlruns/211568203117384378/fd14ce79fdcd4b38b7c3396d6e9018a6/"
  return MlflowFormat(
    LogSite(format: LogFormat("mlflow"), path: run + path, lineBytesMax: lineBytesMax, fields: fields())
  )
}

@Suite struct MlflowFormatTests {
  @Test(arguments: [
    ("1796022396212 0.5 3", "val/loss=0.5 step=3.0 timestamp=1796022396212.0"),
    ("1796022396212 nan -1", "val/loss=nan step=-1.0 timestamp=1796022396212.0"),
    ("1796022396212 -inf 0", "val/loss=-inf step=0.0 timestamp=1796022396212.0"),
    ("1796022396212 1e-30 7 data 0f1e", "val/loss=1e-30 step=7.0 timestamp=1796022396212.0"),
    ("1796022396212 2", "val/loss=2.0 step=0.0 timestamp=1796022396212.0"),
  ])
  func aLineOfAMetricIsARecord(line: String, record: String) {
    let reading = Reading.of("\(line)\n\(line)\n", parser: mlflow("metrics/val/loss"))
    #expect(reading.records == [record, record] && reading.malformed == 0)
  }

  @Test(arguments: ["1796022396212", "x 0.5 3", "1796022396212 x 3", "1796022396212 0.5 x"])
  func otherLinesAreMalformed(line: String) {
    let reading = Reading.of("\(line)\n1 2 3\n\n", parser: mlflow("metrics/a"))
    #expect(reading.records == ["a=2.0 step=3.0 timestamp=1.0"] && reading.malformed == 1)
  }

  @Test func keysMayBeNamedAsFolders() {
    for key in ["metrics/a é", "params/a", "meta"] {
      let record = "\(key)=2.0 step=3.0 timestamp=1.0"
      #expect(Reading.of("1 2 3\n", parser: mlflow("metrics/" + key)).records == [record])
    }
  }

  @Test func aParameterIsItsWholeFileOnceThatRests() {
    for (text, value) in [("0.1", "0.1"), ("adam", "'adam'"), ("None", "'None'"), ("a\nb\n", "'a\nb'")] {
      let record = "param.name='opt/lr' param.value=\(value) params.opt/lr=\(value)"
      #expect(Reading.of(text, parser: mlflow("params/opt/lr")).records == [record])
      #expect(Reading.of(text, closes: false, parser: mlflow("params/opt/lr")).records.isEmpty)
      var parser = mlflow("params/opt/lr")
      parser.rested(on: UnsafeRawBufferPointer(start: nil, count: 0))
      #expect(Reading.of(text, closes: false, parser: parser).records == [record])
    }
    let tag = Reading.of("me", parser: mlflow("tags/mlflow.user"))
    #expect(tag.records == ["tag.name='mlflow.user' tag.value='me' tags.mlflow.user='me'"])
    #expect(Reading.of("", parser: mlflow("params/lr")) == Reading())
  }

  @Test func aRunSaysItsNameAndState() {
    let run = """
      artifact_uri: file:///mlruns/2/fd/artifacts
      end_time: null
      entry_point_name: ''
      experiment_id: '211568203117384378'
      lifecycle_stage: active
      run_name: 'a: b'
      start_time: 1796022396212
      status: 4
      tags: []
      user_id: root

      """
    let reading = Reading.of(run, parser: mlflow("meta.yaml"))
    #expect(
      reading.records == [
        """
        artifact_uri='file:///mlruns/2/fd/artifacts' experiment_id=2.115682031173844e+17 lifecycle_stage='active' \
        run_name='a: b' start_time=1796022396212.0 status='FAILED' user_id='root'
        """
      ]
    )
    #expect(Reading.of("no mapping", parser: mlflow("meta.yaml")).malformed == 1)
  }

  @Test func whatIsNoFileOfARunIsToldOnce() {
    let reading = Reading.of("a\nb\n", cutAt: 2, parser: mlflow("artifacts/model.pkl"))
    #expect(reading.records.isEmpty && reading.malformed == 1)
    let long = Reading.of("a\nb\nc\n", cutAt: 5, parser: mlflow("tags/note", lineBytesMax: 4))
    #expect(long.records.isEmpty && long.malformed == 1)
  }
}

extension Reading {
  fileprivate static func of(_ text: String, cutAt cut: Int, parser: some RecordParser) -> Reading {
    of(Array(text.utf8), cutAt: [cut], resumes: true, parser: parser)
  }
}
