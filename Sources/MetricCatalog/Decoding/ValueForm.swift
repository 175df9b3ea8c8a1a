/// How a value of the catalog is written: what decodes it and reports what is wrong with it, and what a schema says of
/// it. The two stand together so that no catalog is right for one and wrong for the other.
struct ValueForm<Decoded>: Sendable {
  /// nil: it is none, which has been reported.
  let decode: @Sendable (Value) -> Decoded?
  private let makeShape: @Sendable () -> ValueShape

  /// - Parameter shape: made only for whoever wants a schema.
  init(_ shape: @autoclosure @escaping @Sendable () -> ValueShape, _ decode: @escaping @Sendable (Value) -> Decoded?) {
    makeShape = shape
    self.decode = decode
  }

  var shape: ValueShape { makeShape() }

  /// The same, as something else.
  func map<Other>(_ transform: @escaping @Sendable (Decoded) -> Other) -> ValueForm<Other> {
    ValueForm<Other>(shape) { [decode] in decode($0).map(transform) }
  }

  static func choice(_ choices: [(name: String, value: Decoded)]) -> Self where Decoded: Sendable {
    Self(.choice(choices.map(\.name))) { $0.choice(choices) }
  }

  /// Any name ► a value of this form.
  ///
  /// - Parameter what: what the values are, in the plural, for messages.
  static func map<Item, Entry>(
    _ what: String,
    _ item: ValueForm<Item>,
    _ entry: @escaping @Sendable (Text, Item) -> Entry
  ) -> Self where Decoded == [Entry] {
    Self(.map(item.shape)) { $0.map(what) { name, value in item.decode(value).map { entry(name, $0) } } }
  }

  /// One value of this form, or a list of them.
  static func oneOrMore<Item>(_ what: String, _ item: ValueForm<Item>) -> Self where Decoded == [Item] {
    Self(.either([item.shape, .list(item.shape)])) { value in
      value.isSequence ? value.list(what) { item.decode($0) } : item.decode(value).map { [$0] }
    }
  }

  /// A mapping with these keys, read into `empty`.
  ///
  /// - Parameters:
  ///   - what: what it is, for messages.
  ///   - telling: keys of which a schema wants at least one. Whoever decodes it says so where there is none.
  ///   - needs: which key means nothing without which, for a schema. A rule says so.
  static func mapping<Resolved>(
    _ what: String,
    _ keys: [KeyDeclaration<Decoded, Resolved>],
    into empty: @autoclosure @escaping @Sendable () -> Decoded,
    anyOf telling: [String] = [],
    needs: [(key: String, needed: String)] = []
  ) -> Self {
    Self(.mapping(MappingShape(keys, anyOf: telling, needs: needs))) { value in
      guard var reader = MappingReader(value, what: what) else { return nil }
      var declaration = empty()
      for key in keys { key.read(into: &declaration, &reader) }
      reader.finish()
      return declaration
    }
  }
}

extension ValueForm<Text> {
  static var text: Self { Self(.text) { $0.text() } }
}

extension ValueForm<[Text]> {
  static var texts: Self { Self(.list(.text)) { $0.texts() } }
  static var textOrTexts: Self { Self(.either([.text, .list(.text)])) { $0.textOrTexts() } }
}

extension ValueForm<PatternText> {
  static var pattern: Self { ValueForm<Text>.text.map { PatternText($0) } }
}

extension ValueForm<[PatternText]> {
  static var patterns: Self { ValueForm<[Text]>.textOrTexts.map { $0.map { PatternText($0) } } }
}

extension ValueForm<Number> {
  static var number: Self { Self(.number) { $0.number() } }
}

extension ValueForm<Scale> {
  /// A number, `reciprocal`, or a number divided by the value, such as `1000/value`.
  static var scale: Self {
    Self(.either([.number, .matching(#"^(reciprocal|[0-9]+([.][0-9]+)?(e[+-]?[0-9]+)?/value)$"#)])) { $0.scale() }
  }
}

extension ValueForm<[Number]> {
  static var numbers: Self { Self(.list(.number)) { $0.numbers() } }
}

extension ValueForm<Int> {
  static func integer(in bounds: ClosedRange<Int>) -> Self { Self(.integer(bounds)) { $0.integer(in: bounds) } }
}

extension ValueForm<Bool> {
  static var boolean: Self { Self(.boolean) { $0.boolean() } }
}

extension ValueForm<Duration> {
  static var duration: Self { Self(.matching("^0*[1-9][0-9]*(\(DurationText.units))$")) { $0.duration() } }
}
