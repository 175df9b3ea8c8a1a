internal import Diagnostics
internal import YAMLSyntax

/// Says with the catalog's own rules why its bytes cannot be read.
enum CatalogFile {
  static func diagnostic(for problem: RegularFile.Problem) -> Diagnostic {
    let id: RuleID
    switch problem {
    case .missing: id = FileID.missing
    case .wrongKind: id = FileID.kind
    case .unreadable, .silent: id = FileID.unreadable
    case .tooLarge(let bytes): return YAMLDocument.tooLarge(bytes: bytes)
    case .tooLong(let bytesMax):
      return Diagnostic(id: YAMLDocument.tooLarge(bytes: bytesMax).id, message: problem.message, range: nil)
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
