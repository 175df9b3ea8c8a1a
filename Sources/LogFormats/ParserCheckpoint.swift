/// What a parser has learned of its log at some byte, as a plain value: a fresh parser of the same format that resumes
/// from it goes on there exactly as the first would have. It holds no bytes of the log and no places in tables.
package struct ParserCheckpoint: Sendable, Hashable {
  /// The names of the columns by the newest header; nil: none was met, or the format has none.
  package var header: [String]?
  /// What separates cells, where it is known.
  package var separator: UInt8?
  /// The names in a remark before the header, which are the header if numbers follow.
  package var remarkNames: [String]?
  /// The bytes end inside a line that was too long and has been counted: what is left of it is skipped.
  package var isInsideLongLine: Bool
  /// The log's first bytes have been looked at.
  package var hasBegun: Bool
  /// They were those of no text: the log is passed by.
  package var isForeign: Bool

  package init() { self.init(header: nil) }

  package init(
    header: [String]? = nil,
    separator: UInt8? = nil,
    remarkNames: [String]? = nil,
    isInsideLongLine: Bool = false,
    hasBegun: Bool = false,
    isForeign: Bool = false
  ) {
    self.header = header
    self.separator = separator
    self.remarkNames = remarkNames
    self.isInsideLongLine = isInsideLongLine
    self.hasBegun = hasBegun
    self.isForeign = isForeign
  }
}
