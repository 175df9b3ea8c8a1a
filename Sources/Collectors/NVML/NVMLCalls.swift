internal import CNVML

/// The calls for one GPU in one turn, and what they say of it: once one answers that the GPU or the library is lost, no
/// further one is made. It knows no reading.
final class NVMLCalls {
  enum Verdict: Equatable {
    case working
    /// With the reason, for people.
    case deviceLost(String)
    case libraryLost(String)
  }

  let library: NVMLLibrary
  let handle: NVMLLibrary.Device
  private(set) var problems: [String] = []
  private let name: String
  private var end: Verdict?
  private var successes = 0
  private var failures = 0

  /// - Parameter name: what the GPU is called in problems.
  init(_ library: NVMLLibrary, _ handle: NVMLLibrary.Device, name: String) {
    (self.library, self.handle, self.name) = (library, handle, name)
  }

  /// A GPU most of whose calls fail with errors that say nothing is lost, too: drivers answer 999 to every call of one
  /// that hangs. A single call does so on healthy ones (nvmlDeviceGetMemoryInfo_v2 under WSL).
  var verdict: Verdict {
    if let end { return end }
    return failures > successes ? .deviceLost(problems.first ?? name) : .working
  }

  /// Whether a call brought a value. What it says of the GPU is kept.
  func check(_ result: NVMLReturn, _ symbol: NVMLSymbol) -> Bool {
    switch result.meaning {
    case .success:
      successes += 1
      return true
    case .absent: break
    case .failed:
      failures += 1
      problems.append(reason(result, symbol))
    case .deviceLost: end = end ?? .deviceLost(reason(result, symbol))
    case .libraryLost: end = end ?? .libraryLost(reason(result, symbol))
    }
    return false
  }

  private func reason(_ result: NVMLReturn, _ symbol: NVMLSymbol) -> String {
    "\(name): \(symbol.rawValue): \(library.text(of: result))"
  }

  /// Makes a call that writes one value.
  /// - Parameter hasOther: another function is asked where this one fails, so that its failure is nobody's concern.
  func get<Value: BitwiseCopyable>(_ symbol: NVMLSymbol, into start: Value, hasOther: Bool = false) -> Value? {
    guard end == nil, library.has(symbol) else { return nil }
    var value = start
    let result = withUnsafeMutablePointer(to: &value) { library.call(symbol, handle, $0) }
    if hasOther, result.meaning == .failed { return nil }
    return check(result, symbol) ? value : nil
  }

  /// The same for one that takes a number: a kind of clock, a link.
  func get<Value: BitwiseCopyable>(_ symbol: NVMLSymbol, _ number: UInt32, into start: Value) -> Value? {
    guard end == nil, library.has(symbol) else { return nil }
    var value = start
    return check(withUnsafeMutablePointer(to: &value) { library.call(symbol, handle, number, $0) }, symbol)
      ? value : nil
  }

  func get<Value: BitwiseCopyable>(_ symbol: NVMLSymbol, _ numbers: (UInt32, UInt32), into start: Value) -> Value? {
    guard end == nil, library.has(symbol) else { return nil }
    var value = start
    return check(withUnsafeMutablePointer(to: &value) { library.call(symbol, handle, numbers, $0) }, symbol)
      ? value : nil
  }

  /// Most of what a GPU says is one 32-bit number.
  func number(_ symbol: NVMLSymbol) -> Double? { get(symbol, into: UInt32(0)).map(Double.init) }
  func number(_ symbol: NVMLSymbol, _ argument: UInt32) -> Double? {
    get(symbol, argument, into: UInt32(0)).map(Double.init)
  }

  func long(_ symbol: NVMLSymbol) -> UInt64? { get(symbol, into: UInt64(0)) }

  /// The first of two numbers: now and after the next start, value and sampling period, least and most.
  func pair(_ symbol: NVMLSymbol) -> (Double, Double)? {
    guard end == nil, library.has(symbol) else { return nil }
    var values: (UInt32, UInt32) = (0, 0)
    let result = withUnsafeMutablePointer(to: &values.0) { first in
      withUnsafeMutablePointer(to: &values.1) { library.call(symbol, handle, first, $0) }
    }
    return check(result, symbol) ? (Double(values.0), Double(values.1)) : nil
  }

  /// Remapped rows: four numbers in one call.
  func four(_ symbol: NVMLSymbol) -> [UInt32]? {
    guard end == nil, library.has(symbol) else { return nil }
    var values: [UInt32] = [0, 0, 0, 0]
    let result = values.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { library.call(symbol, handle, fourTo: $0) } ?? .notSupported
    }
    return check(result, symbol) ? values : nil
  }

  func text(_ symbol: NVMLSymbol) -> String? {
    guard end == nil, library.has(symbol) else { return nil }
    var result = NVMLReturn.notSupported
    let text = Self.text { buffer in
      result = library.call(symbol, handle, text: buffer)
      return result == .success
    }
    return check(result, symbol) ? text : nil
  }

  /// What a call writes into a buffer that is larger than any text of NVML's; nil: it wrote none.
  static func text(_ call: (UnsafeMutableBufferPointer<CChar>) -> Bool) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: textBytesMax) { buffer in
      buffer.initialize(repeating: 0)
      guard call(buffer) else { return nil }
      return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }

  /// Names and UUIDs have at most 96 bytes with their zero, versions 80.
  static let textBytesMax = 128

  struct Field: Hashable {
    var id: UInt32
    /// A link, or a part of the board.
    var scope: UInt32 = 0
  }

  /// Values of fields, all in one call; nil where the GPU does not have one.
  func fields(_ wanted: [Field]) -> [Double?] {
    let none = [Double?](repeating: nil, count: wanted.count)
    guard end == nil, !wanted.isEmpty, library.has(.nvmlDeviceGetFieldValues) else { return none }
    var values = wanted.map { field in
      var value = CNVMLFieldValue()
      (value.field, value.scope) = (field.id, field.scope)
      return value
    }
    let result = values.withUnsafeMutableBufferPointer { library.call(.nvmlDeviceGetFieldValues, handle, fields: $0) }
    guard check(result, .nvmlDeviceGetFieldValues) else { return none }
    return values.map { value in
      let result = NVMLReturn(rawValue: value.result)
      // A field that fails by itself says nothing of the others: only what ends everything counts here.
      if result.meaning == .deviceLost || result.meaning == .libraryLost {
        _ = check(result, .nvmlDeviceGetFieldValues)
      }
      return result == .success ? Self.number(value) : nil
    }
  }

  /// `nvmlValueType_t` says which member of the union holds the value.
  private static func number(_ value: CNVMLFieldValue) -> Double? {
    switch value.type {
    case 0: Double(bitPattern: value.bits)
    case 1: Double(UInt32(truncatingIfNeeded: value.bits))
    case 2, 3: Double(value.bits)
    case 4: Double(Int64(bitPattern: value.bits))
    case 5: Double(Int32(truncatingIfNeeded: value.bits))
    case 6: Double(UInt16(truncatingIfNeeded: value.bits))
    default: nil
    }
  }
}
