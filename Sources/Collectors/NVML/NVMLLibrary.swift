internal import CNVML
internal import Glibc

/// NVIDIA's management library, found at run time, and the functions that it has. It owns the loaded library and hides
/// how it is called: nothing else knows a symbol's signature. It keeps no state of devices.
///
/// It is for one thread at a time; what owns it sees to that.
final class NVMLLibrary {
  /// By the driver's soname, and where WSL puts it, which is not on the loader's path everywhere.
  static let defaultPaths = ["libnvidia-ml.so.1", "/usr/lib/wsl/lib/libnvidia-ml.so.1"]

  private let library: UnsafeMutableRawPointer
  private let functions: [NVMLSymbol: UnsafeMutableRawPointer]

  /// Takes the first that can be loaded.
  init(paths: [String] = NVMLLibrary.defaultPaths) throws(NVMLFailure) {
    var reason = "no path"
    for (index, path) in paths.enumerated() {
      if let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) {
        self.library = library
        functions = Dictionary(
          uniqueKeysWithValues: NVMLSymbol.allCases.compactMap { symbol in
            dlsym(library, symbol.rawValue).map { (symbol, $0) }
          }
        )
        return
      }
      // The loader's text begins with the path. What it says of the first name is what people look for.
      let text = dlerror().map { String(cString: $0) } ?? "\(path): cannot be loaded"
      if index == 0 { reason = text.hasPrefix(path) ? text : "\(path): \(text)" }
    }
    throw .missing(reason)
  }

  /// A driver that is replaced brings another library under the same name, which only a new load finds.
  deinit { dlclose(library) }

  func has(_ symbol: NVMLSymbol) -> Bool { functions[symbol] != nil }

  /// The first of the symbols that the library has: newest first, for a function that came in several versions.
  func first(_ symbols: [NVMLSymbol]) -> NVMLSymbol? { symbols.first { functions[$0] != nil } }

  /// The library's own text and the number.
  func text(of result: NVMLReturn) -> String {
    typealias Function = @convention(c) (UInt32) -> UnsafePointer<CChar>?
    guard let function = functions[.nvmlErrorString],
      let text = unsafeBitCast(function, to: Function.self)(result.rawValue)
    else { return "error \(result.rawValue)" }
    return "\(String(cString: text)) (error \(result.rawValue))"
  }

  // MARK: The signatures. All functions answer a code, and write through pointers.

  typealias Device = OpaquePointer

  func call(_ symbol: NVMLSymbol) -> NVMLReturn {
    typealias Function = @convention(c) () -> UInt32
    return with(symbol) { unsafeBitCast($0, to: Function.self)() }
  }

  func call(_ symbol: NVMLSymbol, _ out: UnsafeMutableRawPointer) -> NVMLReturn {
    typealias Function = @convention(c) (UnsafeMutableRawPointer) -> UInt32
    return with(symbol) { unsafeBitCast($0, to: Function.self)(out) }
  }

  func call(_ symbol: NVMLSymbol, _ number: UInt32, _ out: UnsafeMutableRawPointer) -> NVMLReturn {
    typealias Function = @convention(c) (UInt32, UnsafeMutableRawPointer) -> UInt32
    return with(symbol) { unsafeBitCast($0, to: Function.self)(number, out) }
  }

  func call(_ symbol: NVMLSymbol, _ device: Device, _ out: UnsafeMutableRawPointer) -> NVMLReturn {
    typealias Function = @convention(c) (Device, UnsafeMutableRawPointer) -> UInt32
    return with(symbol) { unsafeBitCast($0, to: Function.self)(device, out) }
  }

  func call(
    _ symbol: NVMLSymbol,
    _ device: Device,
    _ number: UInt32,
    _ out: UnsafeMutableRawPointer
  ) -> NVMLReturn {
    typealias Function = @convention(c) (Device, UInt32, UnsafeMutableRawPointer) -> UInt32
    return with(symbol) { unsafeBitCast($0, to: Function.self)(device, number, out) }
  }

  func call(
    _ symbol: NVMLSymbol,
    _ device: Device,
    _ numbers: (UInt32, UInt32),
    _ out: UnsafeMutableRawPointer
  ) -> NVMLReturn {
    typealias Function = @convention(c) (Device, UInt32, UInt32, UnsafeMutableRawPointer) -> UInt32
    return with(symbol) { unsafeBitCast($0, to: Function.self)(device, numbers.0, numbers.1, out) }
  }

  func call(
    _ symbol: NVMLSymbol,
    _ device: Device,
    _ out: UnsafeMutableRawPointer,
    _ second: UnsafeMutableRawPointer?
  ) -> NVMLReturn {
    typealias Function = @convention(c) (Device, UnsafeMutableRawPointer, UnsafeMutableRawPointer?) -> UInt32
    return with(symbol) { unsafeBitCast($0, to: Function.self)(device, out, second) }
  }

  /// Four numbers: remapped rows.
  func call(_ symbol: NVMLSymbol, _ device: Device, fourTo out: UnsafeMutablePointer<UInt32>) -> NVMLReturn {
    typealias Pointer = UnsafeMutablePointer<UInt32>
    typealias Function = @convention(c) (Device, Pointer, Pointer, Pointer, Pointer) -> UInt32
    return with(symbol) { unsafeBitCast($0, to: Function.self)(device, out, out + 1, out + 2, out + 3) }
  }

  /// A text of the device.
  func call(_ symbol: NVMLSymbol, _ device: Device, text: UnsafeMutableBufferPointer<CChar>) -> NVMLReturn {
    typealias Function = @convention(c) (Device, UnsafeMutablePointer<CChar>?, UInt32) -> UInt32
    return with(symbol) { unsafeBitCast($0, to: Function.self)(device, text.baseAddress, UInt32(text.count)) }
  }

  /// A text of the system.
  func call(_ symbol: NVMLSymbol, text: UnsafeMutableBufferPointer<CChar>) -> NVMLReturn {
    typealias Function = @convention(c) (UnsafeMutablePointer<CChar>?, UInt32) -> UInt32
    return with(symbol) { unsafeBitCast($0, to: Function.self)(text.baseAddress, UInt32(text.count)) }
  }

  func call(
    _ symbol: NVMLSymbol,
    _ device: Device,
    fields: UnsafeMutableBufferPointer<CNVMLFieldValue>
  ) -> NVMLReturn {
    typealias Function = @convention(c) (Device, Int32, UnsafeMutableRawPointer?) -> UInt32
    return with(symbol) { unsafeBitCast($0, to: Function.self)(device, Int32(fields.count), fields.baseAddress) }
  }

  /// Sets of events are opaque pointers, as devices are.
  func register(_ device: Device, events: UInt64, in set: OpaquePointer) -> NVMLReturn {
    typealias Function = @convention(c) (Device, UInt64, OpaquePointer) -> UInt32
    return with(.nvmlDeviceRegisterEvents) { unsafeBitCast($0, to: Function.self)(device, events, set) }
  }

  func wait(_ symbol: NVMLSymbol, _ set: OpaquePointer, _ out: UnsafeMutableRawPointer, milliseconds: UInt32)
    -> NVMLReturn
  {
    typealias Function = @convention(c) (OpaquePointer, UnsafeMutableRawPointer, UInt32) -> UInt32
    return with(symbol) { unsafeBitCast($0, to: Function.self)(set, out, milliseconds) }
  }

  func free(_ set: OpaquePointer) {
    typealias Function = @convention(c) (OpaquePointer) -> UInt32
    _ = with(.nvmlEventSetFree) { unsafeBitCast($0, to: Function.self)(set) }
  }

  private func with(_ symbol: NVMLSymbol, _ body: (UnsafeMutableRawPointer) -> UInt32) -> NVMLReturn {
    guard let function = functions[symbol] else { return .functionNotFound }
    return NVMLReturn(rawValue: body(function))
  }
}
