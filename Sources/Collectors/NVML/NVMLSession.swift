internal import CNVML

/// An initialized library and its GPUs. It owns the initialization: `close` ends it, and a session that is dropped
/// without it leaves the library as it is. It reads nothing but who the GPUs are, and their events.
final class NVMLSession {
  let library: NVMLLibrary
  let devices: [NVMLDevice]
  /// GPUs that are counted and could not be asked.
  let unopened: [(index: UInt32, reason: String)]
  let count: UInt32
  /// Versions of driver, CUDA and NVML.
  let labels: [String]
  private let events: OpaquePointer?

  /// More GPUs than one machine has; a larger number is no number of GPUs.
  static let devicesMax: UInt32 = 256

  /// - Throws: why nothing can be asked, for people.
  init(paths: [String]) throws(NVMLFailure) {
    library = try NVMLLibrary(paths: paths)
    let symbol = library.first([.nvmlInitV2, .nvmlInit]) ?? .nvmlInitV2
    let result = library.call(symbol)
    guard result == .success else {
      throw NVMLFailure.library("\(symbol.rawValue): \(library.text(of: result))")
    }
    do {
      count = try Self.count(library)
      (devices, unopened) = try Self.devices(library, count)
    } catch {
      _ = library.call(.nvmlShutdown)
      throw error
    }
    labels = [
      Self.text(library, .nvmlSystemGetDriverVersion), Self.cudaVersion(library),
      Self.text(library, .nvmlSystemGetNVMLVersion),
    ]
    events = Self.events(library, devices)
  }

  func close() {
    if let events { library.free(events) }
    _ = library.call(.nvmlShutdown)
  }

  /// GPUs that the library counts now.
  static func count(_ library: NVMLLibrary) throws(NVMLFailure) -> UInt32 {
    let symbol = library.first([.nvmlDeviceGetCountV2, .nvmlDeviceGetCount]) ?? .nvmlDeviceGetCountV2
    var count: UInt32 = 0
    let result = withUnsafeMutablePointer(to: &count) { library.call(symbol, $0) }
    guard result == .success else {
      throw NVMLFailure.library("\(symbol.rawValue): \(library.text(of: result))")
    }
    return min(count, devicesMax)
  }

  private static func devices(
    _ library: NVMLLibrary,
    _ count: UInt32
  ) throws(NVMLFailure) -> ([NVMLDevice], unopened: [(index: UInt32, reason: String)]) {
    let symbol =
      library.first([.nvmlDeviceGetHandleByIndexV2, .nvmlDeviceGetHandleByIndex]) ?? .nvmlDeviceGetHandleByIndexV2
    var devices: [NVMLDevice] = []
    var unopened: [(index: UInt32, reason: String)] = []
    for index in 0..<count {
      var handle: OpaquePointer?
      let result = withUnsafeMutablePointer(to: &handle) { library.call(symbol, index, $0) }
      guard result == .success, let handle else {
        let reason = "GPU \(index): \(symbol.rawValue): \(library.text(of: result))"
        if result.meaning == .libraryLost { throw NVMLFailure.library(reason) }
        unopened.append((index, reason))
        continue
      }
      do throws(NVMLFailure) {
        devices.append(try NVMLDevice(library, index: index, handle: handle))
      } catch {
        guard case .device(let reason) = error else { throw error }
        unopened.append((index, reason))
      }
    }
    return (devices, unopened)
  }

  private static func text(_ library: NVMLLibrary, _ symbol: NVMLSymbol) -> String {
    NVMLCalls.text { library.call(symbol, text: $0) == .success } ?? NVMLDevice.unnamed
  }

  /// 13010 stands for 13.1.
  private static func cudaVersion(_ library: NVMLLibrary) -> String {
    var version: Int32 = 0
    let symbols: [NVMLSymbol] = [.nvmlSystemGetCudaDriverVersionV2, .nvmlSystemGetCudaDriverVersion]
    guard let symbol = library.first(symbols),
      withUnsafeMutablePointer(to: &version, { library.call(symbol, $0) }) == .success, version > 0
    else { return NVMLDevice.unnamed }
    return "\(version / 1000).\(version % 1000 / 10)"
  }
}

// MARK: Events

extension NVMLSession {
  /// nvmlEventTypeXidCriticalError.
  private static let xidEvents: UInt64 = 8
  /// What may have come since the last look; the rest comes with the next.
  private static let eventsMax = 1024

  /// A set in which the driver puts the XID errors of all GPUs that report them; nil: none does.
  private static func events(_ library: NVMLLibrary, _ devices: [NVMLDevice]) -> OpaquePointer? {
    var set: OpaquePointer?
    guard library.first([.nvmlEventSetWaitV2, .nvmlEventSetWait]) != nil,
      withUnsafeMutablePointer(to: &set, { library.call(.nvmlEventSetCreate, $0) }) == .success, let set
    else { return nil }
    for device in devices {
      device.countsEvents = library.register(device.handle, events: xidEvents, in: set) == .success
    }
    if devices.contains(where: \.countsEvents) { return set }
    library.free(set)
    return nil
  }

  /// Hands over the XID errors since the last call.
  func takeEvents(_ body: (_ device: NVMLDevice, _ xid: UInt64) -> Void) {
    guard let events, let symbol = library.first([.nvmlEventSetWaitV2, .nvmlEventSetWait]) else { return }
    for _ in 0..<Self.eventsMax {
      var event = CNVMLEvent()
      // The reference does not say that 0 does not mean forever; a millisecond is no wait.
      let result = withUnsafeMutablePointer(to: &event) { library.wait(symbol, events, $0, milliseconds: 1) }
      guard result == .success else { return }
      guard event.type & Self.xidEvents != 0, let handle = event.device.map({ OpaquePointer($0) }),
        let device = devices.first(where: { $0.handle == handle })
      else { continue }
      body(device, event.data)
    }
  }
}
