package import Exposition

/// What a document of the API is asked for: all who ask for the same get one rendering.
package struct DocumentRequest: Hashable, Sendable {
  /// A part of the query, decoded.
  package struct Parameter: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// One of the options' documents.
  package var path: String
  /// In the order of the request.
  package var parameters: [Parameter]
  package var encoding: ContentEncoding

  package init(path: String, parameters: [Parameter] = [], encoding: ContentEncoding = .identity) {
    self.path = path
    self.parameters = parameters
    self.encoding = encoding
  }

  /// The values of all parameters of that name, in their order.
  package func values(of name: String) -> [String] { parameters.lazy.filter { $0.name == name }.map(\.value) }

  struct Mistake: Error {
    let description: String
  }

  /// Whoever names more things names them by another request.
  static let parametersMax = 200

  /// The parameters of a request's target. Its length has been bounded with that of the request's line.
  static func parameters(in target: String) throws(Mistake) -> [Parameter] {
    let parts = QueryText.parameters(of: target)
    guard parts.count <= parametersMax else { throw Mistake(description: "more than \(parametersMax) parameters") }
    var parameters: [Parameter] = []
    for (name, value) in parts {
      guard let name = QueryText.decoded(name), let value = QueryText.decoded(value) else {
        throw Mistake(description: "the query is not encoded rightly: it takes %XX for the bytes of UTF-8")
      }
      parameters.append(Parameter(name, value))
    }
    return parameters
  }
}
