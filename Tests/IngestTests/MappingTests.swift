import Testing

/// What of a record reaches which series.
@Suite struct MappingTests {
  @Test func fieldsGoToTheirTargets() throws {
    let bench = try Bench(
      """
      version: 1
      labels:
        run: { max_values: 10 }
        component: { values: [box, cls, other], otherwise: other }
        head: { values: [box, mask], named: { B: box, M: mask } }
      metrics:
        loss: { type: gauge, help: h, labels: [run, component] }
        first: { type: gauge, help: h, labels: [run] }
        map: { type: gauge, help: h, labels: [head] }
        epochs_total: { type: counter, help: h }
      watchers:
        w:
          files: "runs/{run}/x.csv"
          format: csv
          each_record: epochs_total
          fields:
            "train/{component}_loss": loss
            train/box_loss: [first, 'loss{component="box"}']
            "map({head})": map
      """
    )
    let log = bench.log()
    log.append("train/box_loss,train/cls_loss,train/odd_loss,map(B),map(X)\n1,2,3,4,5\n,,,6,\n")
    log.caughtUp()
    #expect(
      bench.samples == [
        "loss{run=\"a\",component=\"box\"} 1", "loss{run=\"a\",component=\"cls\"} 2",
        "loss{run=\"a\",component=\"other\"} 3", "first{run=\"a\"} 1", "map{head=\"box\"} 6", "epochs_total 2",
      ]
    )
    #expect(bench.rejections == ["map head label_value 1"])
  }

  @Test func ofSeveralFieldsForOneSeriesTheLastHasTheLastWord() throws {
    let bench = try Bench(
      """
      version: 1
      labels: { phase: { values: [train, eval] } }
      metrics: { loss: { type: gauge, help: h, labels: [phase] } }
      watchers:
        w:
          files: x.jsonl
          format: jsonl
          fields:
            loss: 'loss{phase="train"}'
            train_loss: 'loss{phase="train"}'
            any_loss: 'loss{phase="{.phase}"}'
      """
    )
    let log = bench.log()
    log.append("{\"loss\": 1, \"train_loss\": 2}\n{\"loss\": 3}\n")
    #expect(bench.samples == ["loss{phase=\"train\"} 3"])
    log.append("{\"loss\": 4, \"train_loss\": 5}\n{\"any_loss\": 6, \"phase\": \"train\"}\n")
    #expect(bench.samples == ["loss{phase=\"train\"} 6"])
    log.append("{\"any_loss\": 7, \"phase\": \"train\"}\n{\"train_loss\": 8}\n{\"loss\": 9}\n")
    #expect(bench.samples == ["loss{phase=\"train\"} 9"])
  }

  @Test func whatValuesMean() throws {
    let bench = try Bench(
      """
      version: 1
      metrics:
        steps_total: { type: counter, help: h }
        seconds_total: { type: counter, help: h }
        lines_total: { type: counter, help: h }
        epoch_seconds: { type: histogram, help: h, unit: seconds, buckets: [1, 10] }
        growth: { type: gauge, help: h }
        scaled: { type: gauge, help: h }
      watchers:
        w:
          files: x.jsonl
          format: jsonl
          fields:
            steps: steps_total
            time:
              - { metric: seconds_total, from: running_total }
              - { metric: epoch_seconds, from: running_total }
              - { metric: growth, from: difference }
              - { metric: lines_total, from: count }
            percent: { metric: scaled, scale: 0.01, offset: 1 }
      """
    )
    let log = bench.log()
    log.append(
      """
      {"steps": 2, "time": 0.5}
      {"steps": -1, "time": 5}
      {"steps": "NaN", "time": null, "percent": 50}
      {"time": 2}
      {"steps": 1, "time": 3}

      """
    )
    log.caughtUp()
    #expect(
      bench.samples == [
        "steps_total 3", "seconds_total 8", "lines_total 4", "epoch_seconds_bucket{le=\"1.0\"} 2",
        "epoch_seconds_bucket{le=\"10.0\"} 4", "epoch_seconds_bucket{le=\"+Inf\"} 4", "epoch_seconds_sum 8",
        "epoch_seconds_count 4", "growth 1", "scaled 1.5",
      ]
    )
    #expect(
      bench.rejections.sorted() == ["steps_total  negative_increment 1", "steps_total  not_a_number 1"]
    )
  }

  /// One infinity would be in a counter or a sum for ever.
  @Test func whatIsInfiniteIsShownAndNeverCounted() throws {
    let bench = try Bench(
      """
      version: 1
      metrics:
        loss: { type: gauge, help: h }
        steps_total: { type: counter, help: h }
        seconds_total: { type: counter, help: h }
        size: { type: histogram, help: h, buckets: [1] }
        native: { type: histogram, help: h, buckets: [1], native: { factor: 2 } }
        rate: { type: summary, help: h }
        step_seconds: { type: histogram, help: h, unit: seconds, buckets: [1] }
      watchers:
        w:
          files: x.jsonl
          format: jsonl
          fields:
            x: [loss, steps_total, size, native, rate]
            t: [{ metric: seconds_total, from: running_total }, { metric: step_seconds, from: difference }]
      """
    )
    let log = bench.log()
    log.append(
      """
      {"x": 2, "t": 10}
      {"x": "inf", "t": "inf"}
      {"x": "-Infinity", "t": "-inf"}
      {"x": 1.7e308, "t": 12}
      {"x": 1.7e308, "t": 15}
      {"x": "inf"}

      """
    )
    log.caughtUp()
    let greatest = "1.7976931348623157e+308"
    #expect(bench.samples.first == "loss +Inf")
    #expect(bench.samples.contains("steps_total \(greatest)") && bench.samples.contains("seconds_total 15"))
    for name in ["size", "native", "rate"] {
      #expect(bench.samples.contains("\(name)_sum \(greatest)") && bench.samples.contains("\(name)_count 3"))
    }
    #expect(bench.samples.contains("step_seconds_sum 5") && bench.samples.contains("step_seconds_count 2"))
    #expect(
      bench.rejections == [
        "steps_total  not_finite 3", "seconds_total  not_finite 2", "size  not_finite 3", "native  not_finite 3",
        "rate  not_finite 3", "step_seconds  not_finite 2",
      ]
    )
  }

  @Test func conditionsAndLabelsFromFields() throws {
    let bench = try Bench(
      """
      version: 1
      labels:
        model: { values: [a, b] }
        epoch: { values: 0..3 }
      metrics:
        events_total: { type: counter, help: h, labels: [model, epoch] }
      watchers:
        w:
          files: x.jsonl
          format: jsonl
          where: { status: [ok, 1], error: absent, model: present }
          labels: { model: "{.model}", epoch: "{.nested.epoch}" }
          each_record: events_total
      """
    )
    let log = bench.log()
    log.append(
      """
      {"status": "ok", "model": "a", "nested": {"epoch": 1.0}}
      {"status": 1.0, "model": " a ", "nested": {"epoch": "1"}}
      {"status": "bad", "model": "a", "nested": {"epoch": 1}}
      {"status": "ok", "model": "a", "nested": {"epoch": 1}, "error": "x"}
      {"status": "ok", "nested": {"epoch": 1}}
      {"status": "ok", "model": "c", "nested": {"epoch": 1}}
      {"status": "ok", "model": "b"}
      {"status": "ok", "model": "b", "nested": {"epoch": 4}}
      not json

      """
    )
    #expect(bench.samples == ["events_total{model=\"a\",epoch=\"1\"} 2"])
    #expect(
      bench.rejections.sorted() == [
        "events_total epoch label_missing 1", "events_total epoch label_value 1", "events_total model label_value 1",
      ]
    )
    let counters = bench.ingest.counters[0]
    #expect(counters.count(.mapped) == 5)
    #expect(counters.count(.filtered) == 3)
    #expect(counters.count(.malformed) == 1)
  }

  @Test func infoAndStatesetShowTheNewest() throws {
    let bench = try Bench(
      """
      version: 1
      labels: { run: { max_values: 10 }, optimizer: { max_values: 10 }, epoch: { values: 0..9 } }
      metrics:
        run_info: { type: info, help: h, labels: [run, optimizer], constant: { version: "1" } }
        run_epoch_info: { type: info, help: h, labels: [run, epoch] }
        run_state: { type: stateset, help: h, labels: [run], states: [running, done] }
      watchers:
        w:
          files: "{run}.jsonl"
          format: jsonl
          each_record: ['run_info{optimizer="{.optimizer}"}', 'run_epoch_info{epoch="{.epoch}"}']
          fields: { state: run_state }
      """
    )
    let log = bench.log()
    log.append(
      """
      {"optimizer": "sgd", "state": "running", "epoch": 1}
      {"state": "done"}
      {"optimizer": "adam", "epoch": 10}

      """
    )
    #expect(
      bench.samples == [
        "run_info{run=\"a\",optimizer=\"adam\",version=\"1\"} 1", "run_epoch_info{run=\"a\",epoch=\"1\"} 1",
        "run_state{run=\"a\",run_state=\"running\"} 0", "run_state{run=\"a\",run_state=\"done\"} 1",
      ]
    )
  }

  @Test func whatExistsFromTheStart() throws {
    let bench = try Bench(
      """
      version: 1
      labels:
        status: { values: [success, failed] }
        run: { max_values: 2 }
        epoch: { values: 0..1000 }
        step: { values: 0..9223372036854775807 }
      metrics:
        by_status_total: { type: counter, help: h, labels: [status] }
        by_record_total: { type: counter, help: h, labels: [status] }
        by_run_total: { type: counter, help: h, labels: [run] }
        by_epoch_total: { type: counter, help: h, labels: [epoch] }
        by_step_total: { type: counter, help: h, labels: [step] }
        shown: { type: gauge, help: h, labels: [status] }
        app_info: { type: info, help: h, constant: { version: "1" } }
      watchers:
        w:
          files: "{run}.jsonl"
          format: jsonl
          fields: { ok: 'by_status_total{status="success"}', any: 'by_record_total{status="{.status}"}' }
      """
    )
    #expect(
      bench.samples == [
        "by_status_total{status=\"success\"} 0", "by_status_total{status=\"failed\"} 0", "app_info{version=\"1\"} 1",
      ]
    )
  }

  @Test func aMillionValuesOfALabelForTwoHundred() throws {
    let bench = try Bench(
      """
      version: 1
      labels: { key: { max_values: 200 } }
      metrics: { seen_total: { type: counter, help: h, labels: [key] } }
      watchers:
        w: { files: x.jsonl, format: jsonl, each_record: 'seen_total{key="{.key}"}' }
      """
    )
    let log = bench.log()
    for block in 0..<100 {
      log.append((0..<1000).map { "{\"key\": \"k\(block * 1000 + $0)\"}\n" }.joined())
    }
    #expect(bench.samples.count == 200)
    #expect(bench.rejections == ["seen_total key label_max_values 99800"])
  }
}
