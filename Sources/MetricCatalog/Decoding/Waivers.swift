/// An entry of `allow:` in its long form.
private struct Waiver {
  var id: Key<Text> = .absent
  var why: Key<Text> = .absent

  static let keys: [KeyDeclaration<Self, Void>] = [
    .init("id", \.id, .text, isRequired: true, help: "the id of a warning or note"),
    .init("why", \.why, .text, help: "the reason, for readers of the catalog"),
  ]
}

extension ValueForm<[Text]> {
  /// What `allow:` waives: an id, or a list of them. An entry can also be `{ id: ID, why: TEXT }`.
  static var waivers: Self {
    let waivers = oneOrMore("ids", waiver)
    return Self(.named("allow", waivers.shape), waivers.decode)
  }

  private static var waiver: ValueForm<Text> {
    let long = ValueForm<Waiver>.mapping("an entry of `allow`", Waiver.keys, into: Waiver())
    return ValueForm<Text>(.either([.text, long.shape])) { value in
      value.isMapping ? long.decode(value)?.id.value : value.text()
    }
  }
}
