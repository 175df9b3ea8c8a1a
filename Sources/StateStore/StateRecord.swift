/// A value that outlives the process as its fields, one after the other, which it names once.
package protocol StateRecord: StateCodable {
  /// With what fields have that are not in the bytes.
  init()
  static var fields: [StateField<Self>] { get }
}

/// A stored property of a record.
package struct StateField<Record>: Sendable {
  fileprivate let encode: @Sendable (Record, inout StateEncoder) -> Void
  fileprivate let decode: @Sendable (inout Record, inout StateDecoder) throws(StateDecoder.Failure) -> Void

  /// - Parameter since: the version of the program's encoding that had it first.
  package init<Value: StateCodable & SendableMetatype>(
    _ path: WritableKeyPath<Record, Value> & Sendable,
    since: UInt32 = 0
  ) {
    encode = { $1.encode($0[keyPath: path]) }
    decode = { (record, decoder) throws(StateDecoder.Failure) in
      if decoder.version >= since { record[keyPath: path] = try decoder.decode() }
    }
  }
}

extension StateRecord {
  package func encode(into encoder: inout StateEncoder) {
    for field in Self.fields { field.encode(self, &encoder) }
  }

  package init(from decoder: inout StateDecoder) throws(StateDecoder.Failure) {
    self.init()
    for field in Self.fields { try field.decode(&self, &decoder) }
  }
}
