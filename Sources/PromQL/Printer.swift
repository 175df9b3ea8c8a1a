/// Writes trees as text that parses to an equal tree.
extension Expression: CustomStringConvertible {
  package var description: String {
    var text = ""
    write(to: &text)
    return text
  }

  fileprivate func write(to text: inout String) {
    switch kind {
    case .number(let number): text += number.description
    case .string(let content): text += content.quoted
    case .selector(let selector): selector.write(range: nil, to: &text)
    case .rangeSelector(let selector): selector.selector.write(range: selector.range, to: &text)
    case .subquery(let subquery): subquery.write(to: &text)
    case .call(let call): call.write(to: &text)
    case .aggregation(let aggregation): aggregation.write(to: &text)
    case .unary(let sign, let operand):
      text.append(sign.rawValue)
      operand.write(to: &text)
    case .binary(let binary): binary.write(to: &text)
    case .parentheses(let inner):
      text += "("
      inner.write(to: &text)
      text += ")"
    case .placeholder(let name): text += StringText.plain(name)
    }
  }
}

extension Expression.Number: CustomStringConvertible {
  /// As PromQL writes it, such as `5m`, `0.5` or `-Inf`.
  package var description: String {
    if isDuration { return NumberText.text(seconds: value) }
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "Inf" }
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension Expression.Call {
  fileprivate func write(to text: inout String) {
    text += StringText.plain(name) + "("
    for (index, argument) in arguments.enumerated() {
      if index > 0 { text += ", " }
      argument.write(to: &text)
    }
    text += ")"
  }
}

extension Expression.Aggregation {
  fileprivate func write(to text: inout String) {
    text += StringText.plain(name)
    if let grouping { text += " \(grouping.kind.rawValue) \(grouping.labels.written) " }
    text += "("
    if let parameter {
      parameter.write(to: &text)
      text += ", "
    }
    expression.write(to: &text)
    text += ")"
  }
}

extension Expression.Binary {
  fileprivate func write(to text: inout String) {
    left.write(to: &text)
    text += " " + operation.rawValue
    if isBoolean { text += " bool" }
    if let matching { text += " \(matching.kind.rawValue) \(matching.labels.written)" }
    // A bracket behind it would be taken for its labels.
    if let group { text += " \(group.side.rawValue) \(group.labels.written)" }
    if let fillLeft, fillLeft == fillRight {
      text += " fill (\(fillLeft))"
    } else {
      if let fillLeft { text += " fill_left (\(fillLeft))" }
      if let fillRight { text += " fill_right (\(fillRight))" }
    }
    text += " "
    right.write(to: &text)
  }
}

extension Expression.Subquery {
  fileprivate func write(to text: inout String) {
    expression.write(to: &text)
    text += "[\(range):\(step?.description ?? "")]"
    text += modifiers(at, offset)
  }
}

extension Selector {
  fileprivate func write(range: DurationExpression?, to text: inout String) {
    if let name { text += StringText.plain(name) }
    // Without braces or anything else, a variable would be taken for a whole expression.
    let isBare = range == nil && boundary == nil && at == nil && offset == nil
    let needsBraces = name.map { isBare && $0.hasVariables && !$0.isNameWithVariables } ?? true
    if !matchers.isEmpty || needsBraces { text += "{" + matchers.map(\.description).joined(separator: ", ") + "}" }
    if let range { text += "[\(range)]" }
    text += modifiers(at, offset, boundary)
  }
}

private func modifiers(_ at: At?, _ offset: DurationExpression?, _ boundary: Selector.Boundary? = nil) -> String {
  let others = (boundary.map { " \($0.rawValue)" } ?? "") + (at.map { " @ \($0)" } ?? "")
  guard let offset else { return others }
  // An operator that follows must not be taken for one of the duration.
  return offset.takesOperators ? " offset \(offset)" + others : others + " offset \(offset)"
}

extension At: CustomStringConvertible {
  package var description: String {
    switch self {
    case .timestamp(let number): number.description
    case .start: "start()"
    case .end: "end()"
    case .placeholder(let name): StringText.plain(name)
    }
  }
}

extension Matcher: CustomStringConvertible {
  package var description: String {
    switch kind {
    case .label(let label, let operation, .quoted(let value)):
      label.description + operation.rawValue + value.quoted
    case .label(let label, let operation, .placeholder(let value)):
      label.description + operation.rawValue + StringText.plain(value)
    case .name(let name): name.quoted
    case .placeholder(let name): StringText.plain(name)
    }
  }
}

extension Label: CustomStringConvertible {
  /// In quotes where it needs some.
  package var description: String {
    if name.hasVariables { return isQuoted ? name.quoted : StringText.plain(name) }
    let bytes = name.bytes ?? []
    guard let first = bytes.first, !first.isDigit, bytes.allSatisfy(\.isNameByte) else {
      return name.quoted
    }
    let lower = String(decoding: bytes, as: UTF8.self).lowercased()
    return Keyword(rawValue: lower)?.mayBeLabel ?? true ? StringText.plain(name) : name.quoted
  }
}

extension [Label] {
  fileprivate var written: String { "(" + map(\.description).joined(separator: ", ") + ")" }
}

extension DurationExpression: CustomStringConvertible {
  package var description: String {
    switch kind {
    case .number(let number): number.description
    case .step: "step()"
    case .range: "range()"
    case .smaller(let a, let b): "min_of(\(a), \(b))"
    case .larger(let a, let b): "max_of(\(a), \(b))"
    case .unary(let sign, let operand): String(sign.rawValue) + operand.description
    case .binary(let a, let operation, let b): "\(a) \(operation.rawValue) \(b)"
    case .parentheses(let inner): "(\(inner))"
    case .placeholder(let name): StringText.plain(name)
    }
  }
}

extension Variable: CustomStringConvertible {
  /// As it is written in a dashboard.
  package var description: String {
    let suffix = (field.map { "." + $0 } ?? "") + (format.map { ":" + $0 } ?? "")
    return switch form {
    case .bare: "$" + name
    case .braces: "${" + name + suffix + "}"
    case .brackets: "[[" + name + suffix + "]]"
    }
  }
}

extension Query: CustomStringConvertible {
  package var description: String { expression.description }
}
