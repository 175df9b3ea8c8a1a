import PatternSyntax
import Testing

@testable import LogFormats

/// Texts as tools print them, and what they are as numbers of a metric by the end of its name.
@Suite struct NumberFormTests {
  private func read(
    _ text: String,
    _ name: String,
    scale: Double = 1,
    pattern: String? = nil,
    marks: NumberForm.Marks = .init(),
    partsThousands: Bool = true
  ) throws -> NumberForm.Reading {
    let pattern = try pattern.map { FieldPattern(try Pattern(parsing: $0)) }
    let form = NumberForm(unit: name, scale: scale, pattern: pattern, marks: marks)
    var text = text
    return text.withUTF8 { form.read($0, partsThousands: partsThousands) }
  }

  @Test(
    arguments: [
      ("7,282", "tps", 7282), ("1,304,553", "sentences", 1_304_553), ("-1,234.5", "x", -1234.5), ("+1,234", "x", 1234),
      ("1_000_000", "steps", 1_000_000), ("1,234,567.25", "x", 1_234_567.25), ("1e-4", "lr", 1e-4),
      ("5.0e+03", "x", 5000),
      // Factors of a count.
      ("1.2k", "steps", 1200), ("3.4M", "params", 3.4e6), ("124.44M", "parameters", 124.44e6), ("7B", "params", 7e9),
      ("1.5G", "flops", 1.5e9), ("0.3T", "tokens", 3e11), ("12.3K", "tokens", 12_300), ("1,234k", "x", 1_234_000),
      // Units of the name.
      ("112.9TFLOPS", "model_tflops", 112.9), ("112.9TFLOPS", "model_flops", 112.9e12),
      ("3.1it/s", "iterations_per_second", 3.1),
      ("3.1it/s", "it_per_second", 3.1), ("3007.81 words/s", "words_per_second", 3007.81),
      ("1,234 tok/s", "tokens_per_second", 1234),
      ("12.3k tok/s", "tokens_per_second", 12_300), ("4.7 samples/sec", "samples_per_second", 4.7),
      ("31.2 img/s", "images_per_second", 31.2),
      ("1.2GB/s", "read_bytes_per_second", 1.2e9), ("1.5MiB/s", "read_bytes_per_second", 1_572_864),
      ("65C", "gpu_celsius", 65),
      ("65 °C", "gpu_temperature_celsius", 65), ("350W", "gpu_power_watts", 350), ("1.4 GHz", "clock_hertz", 1.4e9),
      ("5 batches", "batches", 5), ("12 epochs", "epoch", 12), ("50ms", "latency_milliseconds", 50),
      ("9.46GiB", "memory_gib", 9.46),
      // Something for each of something, and the other way round.
      ("1.20s/it", "seconds_per_iteration", 1.2), ("1.25s/it", "iterations_per_second", 0.8),
      ("21ms/step", "seconds_per_step", 0.021),
      ("20ms/step", "steps_per_second", 50), ("1:05/epoch", "seconds_per_epoch", 65),
      ("2it/s", "x_iterations_per_second", 2),
      // Durations.
      ("1,234ms", "step_seconds", 1.234), ("1.5e+03 ms", "step_seconds", 1.5), ("1 reqs", "running_requests", 1),
      ("1,234.5s", "train_seconds", 1234.5), ("1,234 s", "train_seconds", 1234), ("1:02:03", "eta_seconds", 3723),
      ("47.2ms", "step_seconds", 0.0472),
      // Bytes.
      ("9.46GiB", "memory_bytes", 9.46 * 1_073_741_824), ("9.46GiB(64.99%)", "memory_bytes", 9.46 * 1_073_741_824),
      ("9.46 GiB (64.99%)", "memory_bytes", 9.46 * 1_073_741_824), ("1962M", "max_mem_bytes", 2_057_306_112),
      ("59.65GB", "x_bytes", 59_650_000_000),
      ("512 B", "x_bytes", 512), ("512", "x_bytes", 512), ("1234MiB", "x_bytes", 1_293_942_784),
      ("2T", "x_bytes", 2_199_023_255_552),
      ("16kB", "x_bytes", 16_000), ("16K", "x_bytes", 16_384), ("512Mi", "x_bytes", 536_870_912),
      ("100mb", "x_bytes", 1e8),
      ("81,920MiB", "x_bytes", 85_899_345_920), ("3 bytes", "x_bytes", 3), ("1PiB", "x_bytes", 1_125_899_906_842_624),
      // Parts of a hundred.
      ("93.2%", "acc_ratio", 0.932), ("93.2 %", "acc_ratio", 0.932), ("0.17%", "mfu_ratio", 0.0017),
      ("10.00%", "x_ratio", 0.1),
      ("100%", "x_ratio", 1), ("0.5", "x_ratio", 0.5), ("93.2%", "acc_percent", 93.2), ("-1.5e-3%", "x_ratio", -1.5e-5),
    ] as [(String, String, Double)]
  )
  func byTheMetricsUnit(text: String, name: String, expected: Double) throws {
    #expect(try read(text, name) == .number(expected))
  }

  @Test(
    arguments: [
      ("", "x"), ("-", "x"), ("n/a", "x"), ("1,23", "x_ratio_of"), ("12,34,567", "x"), ("1,2345", "x"), ("1,,234", "x"),
      ("1,234,56", "x"),
      ("01,234,567", "x"), ("1__000", "x"), ("0_100", "x"), ("1_00", "x"), ("12 345", "x"), ("1'234", "x"),
      ("$1,234.50", "x"),
      ("0x1F", "x"), ("1.2.3", "x"), ("10.0.0.1", "x"), ("2/20", "step"), ("0.95+0.01", "auc"), ("0.113]", "loss"),
      ("21ms/step", "step"),
      ("1.20s/it", "loss"), ("3.1it/s", "epochs_per_second"), ("3.1it/s", "rate"), ("93.2%", "acc"),
      ("1.2k", "x_seconds"),
      ("1.2k", "x_ratio"), ("512Mb", "x_bytes"), ("512 bits", "x_bytes"), ("1.2ki", "x"), ("5m", "steps"), ("5b", "x"),
      ("1e", "x"),
      ("0.113 (0.120)", "loss"), ("5 %", "x_seconds"), ("1 %%", "x_ratio"), ("9.46GiB", "x"),
      ("9.46GiB(64.99%)", "x_ratio"),
      ("1234MiB / 81920MiB", "x_bytes"), ("0s/it", "iterations_per_second"), ("1,234e5", "x"), ("nan%", "x_ratio"),
      ("k", "x"), ("%", "x_ratio"),
    ] as [(String, String)]
  )
  func noNumbers(text: String, name: String) throws {
    let reading = try read(text, name)
    if case .number = reading { Issue.record("\(text) is read as \(reading)") }
  }

  @Test(arguments: ["0,97", "12,5", "-0,5", "1234,5", "0,970", "1,5e-3", "1.234,56", ",5", "0,5 %"])
  func decimalCommas(text: String) throws {
    #expect(try read(text, "x_ratio") == .decimalComma)
    #expect(try read(text, "x_ratio", marks: .init(thousands: ",")) == .none)
    #expect(try read(text, "x_ratio", marks: .init(decimal: ".")) == .none)
    guard case .number = try read(text, "x_ratio", marks: .init(decimal: ",")) else {
      Issue.record("\(text) is no number")
      return
    }
  }

  @Test func commasThatMayPartThousands() throws {
    #expect(try read("1,234", "x") == .number(1234))
    #expect(try read("1,234", "x", partsThousands: false) == .decimalComma)
    #expect(try read("1,234", "x", marks: .init(decimal: ","), partsThousands: true) == .number(1.234))
    #expect(try read("1,234", "x", marks: .init(thousands: ","), partsThousands: false) == .number(1234))
    #expect(try read("1,234", "x", marks: .init(decimal: "."), partsThousands: false) == .number(1234))
    #expect(try read("1,234.5", "x", partsThousands: false) == .number(1234.5))
    #expect(try read("1,234,567", "x", partsThousands: false) == .number(1_234_567))
  }

  @Test(
    arguments: [
      ("1.234,56", ",", nil, 1234.56), ("1.234.567", ",", nil, 1_234_567), ("93,2 %", ",", nil, 0.932),
      ("0,97", ",", ".", 0.97),
      ("1.234", ",", ".", 1234), ("12 345,6", ",", " ", 12_345.6), ("12\u{A0}345", nil, " ", 12_345),
      ("12\u{202F}345,5", ",", " ", 12_345.5),
      ("1'234.5", nil, "'", 1234.5), ("1_234.5", nil, "_", 1234.5), ("0.5", ",", nil, 0.5),
      ("1,5e-3", ",", nil, 1.5e-3),
    ] as [(String, String?, String?, Double)]
  )
  func byTheMarksOfTheCatalog(text: String, decimal: String?, thousands: String?, expected: Double) throws {
    #expect(try read(text, "x_ratio", marks: .init(decimal: decimal, thousands: thousands)) == .number(expected))
  }

  @Test func marksThatTheCatalogDoesNotName() throws {
    #expect(try read("0.5", "x", marks: .init(decimal: ",", thousands: ".")) == .none)
    #expect(try read("1_000", "x", marks: .init(thousands: ",")) == .none)
    #expect(try read("1,234,567", "x", marks: .init(decimal: ",")) == .none)
  }

  @Test(
    arguments: [
      ("2/20", "step", "{value}/{_}", 2), ("2/20", "steps", "{_}/{value}", 20),
      ("0.95+0.01", "auc", "{value}+{_}", 0.95),
      ("0.113]", "loss", "{value}]", 0.113),
      ("1234MiB / 81920MiB", "x_bytes", "{value} / {_}", 1_293_942_784),
      ("9.46GiB(64.99%)", "x_ratio", "{_}({value})", 0.6499),
      ("$1,234.50", "dollars", "${value}", 1234.5), ("0.113 (0.120)", "loss", "{value} ({_})", 0.113),
      ("21ms/step", "x_seconds", "{value}/step", 0.021),
      ("1.20s/it", "x_seconds", "{value}/it", 1.2), ("123.4 ms", "x", "{value} ms", 123.4),
      ("v7", "version", "v{value}", 7),
    ] as [(String, String, String, Double)]
  )
  func patterns(text: String, name: String, pattern: String, expected: Double) throws {
    #expect(try read(text, name, pattern: pattern) == .number(expected))
  }

  @Test func aPatternMatchesTheWholeText() throws {
    #expect(try read("2", "step", pattern: "{value}/{_}") == .none)
    #expect(try read("x 2/20", "step", pattern: "{value}/{_}") == .none)
    #expect(try read("2/", "step", pattern: "{value}/{_}") == .none)
  }

  /// What is scaled comes in another unit: one that says the same may stand behind the number.
  @Test func aScaleIsNotAppliedTwice() throws {
    #expect(try read("0.17%", "mfu_ratio", scale: 0.01) == .number(0.17))
    #expect(try read("12.3k", "x", scale: 1000) == .number(12.3))
    #expect(try read("59.65GB", "x_bytes", scale: 1e9) == .number(59.65))
    #expect(try read("1962M", "x_bytes", scale: 1_048_576) == .number(1962))
    #expect(try read("1962M", "x_bytes", scale: 1e6) == .none)
    #expect(try read("12.3k", "x", scale: 2) == .none)
    #expect(try read("47.2ms", "x_seconds", scale: 0.001) == .number(47.2))
    #expect(try read("0:47", "x_seconds", scale: 0.001) == .none)
    #expect(try read("7,282", "x", scale: 2) == .number(7282))
  }

  /// Whatever a log says: a comma that is not taken for one of thousands takes a number away, and never makes another one.
  @Test func randomTexts() throws {
    let alphabet = Array("0123459.,,_'+-eE kMGiBs/%()tms\u{A0}")
    var state: UInt64 = 1
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<20_000 {
      let text = String((0..<next(12)).map { _ in alphabet[next(alphabet.count)] })
      for name in ["x", "x_bytes", "x_ratio", "x_seconds", "its_per_second"] {
        let reading = try read(text, name)
        let strict = try read(text, name, partsThousands: false)
        guard case .number(let number) = reading else {
          #expect(strict == reading, "\(text)")
          continue
        }
        #expect(text.contains { $0.isNumber } && !number.isNaN, "\(text)")
        #expect(strict == reading || (strict == .decimalComma && text.count { $0 == "," } == 1), "\(text)")
        for marks in [NumberForm.Marks(decimal: ","), .init(thousands: " "), .init(decimal: ",", thousands: ".")] {
          _ = try read(text, name, marks: marks)
        }
      }
    }
  }
}
