/// What a function of NVML answers, and what it means for the collector. The codes are those of `nvmlReturn_t` in the
/// NVML API reference.
struct NVMLReturn: RawRepresentable, Hashable {
  var rawValue: UInt32

  static let success = NVMLReturn(rawValue: 0)
  static let uninitialized = NVMLReturn(rawValue: 1)
  static let invalidArgument = NVMLReturn(rawValue: 2)
  static let notSupported = NVMLReturn(rawValue: 3)
  static let noPermission = NVMLReturn(rawValue: 4)
  static let notFound = NVMLReturn(rawValue: 6)
  static let insufficientSize = NVMLReturn(rawValue: 7)
  static let driverNotLoaded = NVMLReturn(rawValue: 9)
  static let timeout = NVMLReturn(rawValue: 10)
  static let libraryNotFound = NVMLReturn(rawValue: 12)
  static let functionNotFound = NVMLReturn(rawValue: 13)
  static let gpuIsLost = NVMLReturn(rawValue: 15)
  static let resetRequired = NVMLReturn(rawValue: 16)
  static let versionMismatch = NVMLReturn(rawValue: 18)
  static let noData = NVMLReturn(rawValue: 21)
  static let argumentVersionMismatch = NVMLReturn(rawValue: 25)
  static let deprecated = NVMLReturn(rawValue: 26)
  static let notReady = NVMLReturn(rawValue: 27)
  static let unknown = NVMLReturn(rawValue: 999)

  enum Meaning {
    case success
    /// This GPU, this driver or this user does not have it: the reading is left out, and nobody is told.
    case absent
    /// This call failed; the others may go on.
    case failed
    /// No call of this GPU can succeed any more.
    case deviceLost
    /// No call at all can succeed before the library has been initialized anew.
    case libraryLost
  }

  var meaning: Meaning {
    switch self {
    case .success: .success
    // An older driver answers 2 or 25 to an enumerator or a structure that came later.
    case .notSupported, .functionNotFound, .notFound, .noPermission, .invalidArgument, .noData,
      .argumentVersionMismatch, .deprecated, .notReady:
      .absent
    case .gpuIsLost, .resetRequired: .deviceLost
    case .uninitialized, .driverNotLoaded, .libraryNotFound, .versionMismatch: .libraryLost
    default: .failed
    }
  }
}
