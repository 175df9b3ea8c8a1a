/// What a series shows for the time being, beside the value that it has: a last line without its end may turn out to be
/// another line. It is seen by an exposition alone, and never saved. All of this belongs to the thread that feeds series
/// from logs.
extension Series {
  /// A NaN that no update stores: there is nothing but the series' own value.
  static let noProvisionalBits: UInt64 = 0x7FF8_0000_7072_6F76

  /// Shows a gauge's or an info's value.
  package func show(_ value: Double, provisionallyFor feeder: Feeder) {
    show(bits: value.isNaN ? Double.nan.bitPattern : value.bitPattern, feeder)
  }

  /// Shows a stateset's state, which it has to have.
  package func show(state: String, provisionallyFor feeder: Feeder) {
    guard let position = metric.state(state) else { return }
    show(bits: Double(position).bitPattern, feeder)
  }

  /// Shows nothing for the time being.
  package func hide(provisionallyFor feeder: Feeder) { show(bits: Self.noValueBits, feeder) }

  private func show(bits: UInt64, _ feeder: Feeder) {
    provisionalFeeder = feeder
    provisionalBits.store(bits, ordering: .relaxed)
    noteChange()
  }

  /// Shows its own value again.
  package func takeBack() {
    guard provisionalFeeder != nil else { return }
    provisionalFeeder = nil
    provisionalBits.store(Self.noProvisionalBits, ordering: .relaxed)
    noteChange()
  }

  /// The value that it has, whatever is shown for the time being; nil: none.
  package var ownNumber: Double? {
    let bits = bits.load(ordering: .relaxed)
    return bits == Self.noValueBits ? nil : Double(bitPattern: bits)
  }

  /// The bits of what is exposed.
  @inline(__always)
  var exposedBits: UInt64 {
    let provisional = provisionalBits.load(ordering: .relaxed)
    return provisional == Self.noProvisionalBits ? bits.load(ordering: .relaxed) : provisional
  }
}
