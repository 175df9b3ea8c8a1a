internal import Diagnostics

extension Value {
  /// What `allow:` waives: an id, or a list of them. An entry can also be `{ id: ID, why: TEXT }`, where the reason is
  /// for readers of the catalog.
  func waivers() -> [Text]? {
    isSequence ? list("ids") { $0.waiver() } : waiver().map { [$0] }
  }

  private func waiver() -> Text? {
    guard isMapping else { return text() }
    guard var reader = MappingReader(self, what: "an entry of `allow`") else { return nil }
    let id = reader.key("id", isRequired: true) { $0.text() }
    _ = reader.key("why") { $0.text() }
    reader.finish()
    return id.value
  }
}
