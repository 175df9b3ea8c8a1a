package import Diagnostics

/// A YAML file as a tree of nodes with their ranges, and what is wrong with it as YAML. It knows no key's meaning.
///
/// What stops the reading (not UTF-8, a syntax error, a limit) stands alone: `root` is nil and there is one
/// diagnostic. The rest (duplicate keys, tags, merge keys) is collected, and what is left of the tree can be used.
package struct YAMLDocument: Sendable {
  package var root: YAMLNode?
  package var diagnostics: [Diagnostic]

  package static func parse(_ source: SourceFile) -> YAMLDocument {
    let bytes = source.bytes
    guard bytes.count <= YAMLLimits.fileBytesMax else {
      return YAMLDocument(root: nil, diagnostics: [tooLarge(bytes: bytes.count)])
    }
    if let mistake = TextCheck.mistake(in: bytes) { return YAMLDocument(root: nil, diagnostics: [mistake]) }
    let markLength = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    return bytes.withUnsafeBufferPointer { buffer in
      let text = UnsafeBufferPointer(rebasing: buffer[markLength...])
      guard let parser = LibYAMLParser(text) else {
        let message = "there is not enough memory to read the file"
        return YAMLDocument(root: nil, diagnostics: [Diagnostic(id: "yaml/syntax", message: message, range: nil)])
      }
      var builder = TreeBuilder(source: source, offsets: CharacterOffsets(text, base: markLength))
      do throws(FatalMistake) {
        return YAMLDocument(root: try builder.build(parser), diagnostics: builder.diagnostics)
      } catch {
        return YAMLDocument(root: nil, diagnostics: [error.diagnostic])
      }
    }
  }

  /// For a reader that sees a file's size before its bytes.
  package static func tooLarge(bytes: Int) -> Diagnostic {
    Diagnostic(
      id: "yaml/size",
      message: "the file has \(bytes) bytes; at most \(YAMLLimits.fileBytesMax) are read",
      range: nil
    )
  }
}

/// What ends the reading of a file.
struct FatalMistake: Error {
  var diagnostic: Diagnostic
}

/// libyaml counts characters; everyone else counts bytes.
struct CharacterOffsets {
  /// Byte offset of each character; empty where they are the same.
  private var offsets: [UInt32] = []
  private let base: Int
  private let byteCount: Int

  init(_ bytes: UnsafeBufferPointer<UInt8>, base: Int) {
    self.base = base
    byteCount = bytes.count
    guard bytes.contains(where: { $0 >= 0x80 }) else { return }
    offsets.reserveCapacity(bytes.count)
    for index in bytes.indices where bytes[index] & 0xC0 != 0x80 { offsets.append(UInt32(index)) }
  }

  /// The byte offset in the file of a character.
  func byte(ofCharacter index: Int) -> Int {
    if offsets.isEmpty { return base + min(index, byteCount) }
    return base + (index < offsets.count ? Int(offsets[index]) : byteCount)
  }
}
