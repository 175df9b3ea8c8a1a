import Diagnostics
import PromQL

extension PromQLError {
  /// The message with its line of the query and carets below what is wrong.
  package func rendered(in query: [UInt8]) -> String {
    func place(_ range: Range<Int>) -> SourceRange { SourceRange(range.lowerBound, range.upperBound) }
    let diagnostic = Diagnostic(
      id: "query/syntax",
      message: message,
      range: place(range),
      related: related.map { [Diagnostic.Related(range: place($0.range), note: $0.message)] } ?? []
    )
    return ConsoleRenderer(source: SourceFile(path: "query", bytes: query)).render(diagnostic)
  }
}
