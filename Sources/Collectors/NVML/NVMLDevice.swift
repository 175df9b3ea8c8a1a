internal import CNVML

/// One GPU of an initialized library: its handle, who it is, and what cannot change until the next initialization. It
/// makes no call after `init`; what reads it hands it the calls.
final class NVMLDevice {
  /// What tells GPUs apart. It outlives handles, and a library that is shut down.
  struct Identity: Hashable {
    var index: UInt32
    var uuid = NVMLDevice.unnamed
    var name = NVMLDevice.unnamed
    var pciBusID = NVMLDevice.unnamed

    /// In the order of the descriptors.
    var labels: [String] { [String(index), uuid, name, pciBusID] }

    /// In problems.
    var text: String { "GPU \(index) (\(uuid))" }
  }

  let identity: Identity
  let handle: NVMLLibrary.Device
  /// Of the groups that are fixed, by their place.
  let fixed: [Int: [Double?]]
  /// Numbers of the NVLinks that the GPU has, with their versions.
  let links: [(number: UInt32, version: Double?)]
  /// Reasons for lower clocks that it can give; nil: it does not say.
  let throttleReasons: UInt64?
  /// Set once it cannot be asked any more.
  var lost: String?
  var countsEvents = false

  /// - Throws: why it cannot be asked, for people.
  init(_ library: NVMLLibrary, index: UInt32, handle: NVMLLibrary.Device) throws(NVMLFailure) {
    let calls = NVMLCalls(library, handle, name: "GPU \(index)")
    let identity = Identity(
      index: index,
      uuid: calls.text(.nvmlDeviceGetUUID) ?? Self.unnamed,
      name: calls.text(.nvmlDeviceGetName) ?? Self.unnamed,
      pciBusID: Self.pciBusID(calls) ?? Self.unnamed
    )
    var fixed: [Int: [Double?]] = [:]
    for (place, group) in NVMLReadings.groups.enumerated() where group.isFixed { fixed[place] = group.read(calls) }
    links = Self.links(calls)
    throttleReasons =
      library.first([.nvmlDeviceGetSupportedClocksEventReasons, .nvmlDeviceGetSupportedClocksThrottleReasons])
      .flatMap { calls.long($0) }
    switch calls.verdict {
    case .working: break
    case .deviceLost(let reason): throw .device(reason)
    case .libraryLost(let reason): throw .library(reason)
    }
    (self.identity, self.handle, self.fixed) = (identity, handle, fixed)
  }

  /// What stands for a label that the driver does not give.
  static let unnamed = "unknown"

  /// As nvidia-smi writes it: eight digits of the domain.
  private static func pciBusID(_ calls: NVMLCalls) -> String? {
    if let info = calls.get(.nvmlDeviceGetPciInfoV3, into: CNVMLPCIInfo()) {
      let text = withUnsafeBytes(of: info.busID) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if !text.isEmpty { return text }
    }
    guard let symbol = calls.library.first([.nvmlDeviceGetPciInfoV2, .nvmlDeviceGetPciInfo]),
      let info = calls.get(symbol, into: CNVMLPCIInfo())
    else { return nil }
    let text = withUnsafeBytes(of: info.busIDLegacy) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    if text.isEmpty { return nil }
    return text.utf8.prefix { $0 != UInt8(ascii: ":") }.count == 4 ? "0000" + text : text
  }

  /// `NVML_NVLINK_MAX_LINKS`.
  static let linksMax: UInt32 = 36

  private static func links(_ calls: NVMLCalls) -> [(number: UInt32, version: Double?)] {
    var links: [(number: UInt32, version: Double?)] = []
    for number in 0..<linksMax {
      guard calls.number(.nvmlDeviceGetNvLinkState, number) != nil else { continue }
      links.append((number, calls.number(.nvmlDeviceGetNvLinkVersion, number)))
    }
    return links
  }
}

/// Why a GPU, or all of them, cannot be asked; each with the reason, for people.
enum NVMLFailure: Error {
  case device(String)
  case library(String)
  /// There is no library that could be asked.
  case missing(String)

  var reason: String {
    switch self {
    case .device(let reason), .library(let reason), .missing(let reason): reason
    }
  }
}
