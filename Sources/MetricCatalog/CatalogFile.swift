internal import Diagnostics
internal import YAMLSyntax

/// Reads a catalog's bytes, and says with the catalog's own rules why it cannot.
enum CatalogFile {
  struct Unreadable: Error {
    var diagnostic: Diagnostic
  }

  static func read(path: String) throws(Unreadable) -> [UInt8] {
    do throws(RegularFile.Problem) {
      return try RegularFile.read(path: path, bytesMax: YAMLLimits.fileBytesMax).bytes
    } catch {
      throw Unreadable(diagnostic: diagnostic(for: error))
    }
  }

  private static func diagnostic(for problem: RegularFile.Problem) -> Diagnostic {
    let id: RuleID
    switch problem {
    case .missing: id = FileID.missing
    case .wrongKind: id = FileID.kind
    case .unreadable: id = FileID.unreadable
    case .tooLarge(let bytes): return YAMLDocument.tooLarge(bytes: bytes)
    }
    let help = "name another file with --config.file; `training-exporter --help` shows a first catalog"
    return Diagnostic(
      id: id.name,
      message: problem.message,
      range: nil,
      help: id == FileID.missing ? help : nil
    )
  }
}
