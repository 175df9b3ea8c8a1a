/// What a request's `Accept` and `Accept-Encoding` come to. Never refuses: where nothing that we have is acceptable, the
/// answer is text 0.0.4 without encoding, as Prometheus' own libraries give it. Knows nothing of how formats are
/// written.
///
/// The highest weight wins. Among equal weights a format that is named comes before one that a wildcard takes in, then
/// our own order decides. For each format its most specific range counts, as RFC 9110 has it.
package enum ContentNegotiation {
  /// What a client's ranges say of one format.
  private struct Verdict {
    var specificity = Specificity.none
    var weight = 0
    var escaping = NameEscaping.underscores
  }

  private enum Specificity: Int, Comparable {
    case none, anything, type, subtype, version

    static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
  }

  /// A receiver that names several without a preference gets the one that says most.
  private static let namedOrder: [ExpositionFormat] = [.openMetrics100, .openMetrics001, .text100, .text004, .protobuf]
  /// A receiver that takes anything gets what everything reads.
  private static let wildcardOrder: [ExpositionFormat] = [
    .text004, .text100, .openMetrics100, .openMetrics001, .protobuf,
  ]

  /// With what stands for all of a media type's kind, such as `text/*`.
  private static let mediaTypes = wildcardOrder.map { format in
    (format: format, type: format.mediaType, range: String(format.mediaType.name.prefix { $0 != "/" }) + "/*")
  }

  /// - Parameters:
  ///   - accept, acceptEncoding: The values of all header fields of that name, in their order.
  ///   - encodings: What we can encode, the preferred one first; identity goes without saying.
  package static func variant(
    accept: [String],
    acceptEncoding: [String],
    encodings: [ContentEncoding] = [.gzip]
  ) -> ExpositionVariant {
    var variant = format(accept)
    variant.encoding = encoding(acceptEncoding, among: encodings)
    return variant
  }

  // MARK: Formats

  private static func format(_ accept: [String]) -> ExpositionVariant {
    var verdicts: [ExpositionFormat: Verdict] = [:]
    WeightedList.forEach(in: accept) { entry in
      guard let (formats, specificity) = formats(of: entry) else { return }
      let escaping = escaping(of: entry)
      for format in formats {
        var verdict = verdicts[format] ?? Verdict()
        let isStronger = specificity > verdict.specificity
        if isStronger || (specificity == verdict.specificity && entry.weight > verdict.weight) {
          verdict = Verdict(specificity: specificity, weight: entry.weight, escaping: escaping)
        }
        verdicts[format] = verdict
      }
    }
    let named = best(namedOrder, verdicts) { $0 >= .subtype }
    let wild = best(wildcardOrder, verdicts) { $0 < .subtype }
    guard let winner = [named, wild].compactMap({ $0 }).max(by: { $0.weight < $1.weight }) else {
      return ExpositionVariant()
    }
    return winner.variant
  }

  private static func best(
    _ order: [ExpositionFormat],
    _ verdicts: [ExpositionFormat: Verdict],
    where belongs: (Specificity) -> Bool
  ) -> (variant: ExpositionVariant, weight: Int)? {
    var best: (variant: ExpositionVariant, weight: Int)?
    for format in order {
      guard let verdict = verdicts[format], belongs(verdict.specificity), verdict.weight > (best?.weight ?? 0) else {
        continue
      }
      let escaping = format.mediaType.hasEscaping ? verdict.escaping : .underscores
      best = (ExpositionVariant(format, escaping: escaping), verdict.weight)
    }
    return best
  }

  /// Which formats an entry speaks of. One without a version asks for one version, but refuses all.
  private static func formats(of entry: WeightedList.Entry) -> ([ExpositionFormat], Specificity)? {
    if entry.token.isSame(as: "*/*") { return (wildcardOrder, .anything) }
    let ofType = mediaTypes.filter { entry.token.isSame(as: $0.range) }
    if !ofType.isEmpty { return (ofType.map(\.format), .type) }
    let named = mediaTypes.filter { entry.token.isSame(as: $0.type.name) }
    guard let first = named.first?.type.parameters.first else { return nil }
    let isOfAll = entry.weight == 0
    let hasVersion = entry.parameter(first.name) != nil
    let meant = named.filter { _, type, _ in
      guard hasVersion else { return isOfAll || type.isMeantWithout }
      return type.parameters.allSatisfy { entry.parameter($0.name)?.isSame(as: $0.value) == true }
    }
    return meant.isEmpty ? nil : (meant.map(\.format), hasVersion ? .version : .subtype)
  }

  private static func escaping(of entry: WeightedList.Entry) -> NameEscaping {
    guard let escaping = entry.parameter("escaping") else { return .underscores }
    if escaping.isSame(as: "allow-utf-8") { return .allowUTF8 }
    return escaping.isSame(as: "values") ? .values : .underscores
  }

  // MARK: Encodings

  /// Identity is what every client takes: not named, it comes after all that are, and is there when nothing else is.
  ///
  /// - Parameters:
  ///   - acceptEncoding: The values of all header fields of that name, in their order.
  ///   - encodings: What we can encode, the preferred one first.
  package static func encoding(_ acceptEncoding: [String], among encodings: [ContentEncoding]) -> ContentEncoding {
    var weights: [ContentEncoding: Int] = [:]
    var others = 0
    WeightedList.forEach(in: acceptEncoding) { entry in
      let weight = entry.weight
      if entry.token.isSame(as: "*") {
        others = max(others, weight)
      } else if entry.token.isSame(as: "gzip") || entry.token.isSame(as: "x-gzip") {
        weights[.gzip] = max(weights[.gzip] ?? 0, weight)
      } else if entry.token.isSame(as: "zstd") {
        weights[.zstd] = max(weights[.zstd] ?? 0, weight)
      } else if entry.token.isSame(as: "identity") {
        weights[.identity] = max(weights[.identity] ?? 0, weight)
      }
    }
    var best = ContentEncoding.identity
    var weightMax = 0
    for encoding in encodings {
      let weight = weights[encoding] ?? others
      if weight > weightMax { (best, weightMax) = (encoding, weight) }
    }
    return (weights[.identity] ?? 0) > weightMax ? .identity : best
  }
}
