/// What the parser of one log is made of.
package struct LogSite {
  /// How the log is read.
  package var format: LogFormat
  /// The log's path. Only formats look at it whose files are named by what they hold.
  package var path: String
  /// How many bytes a line or frame may have.
  package var lineBytesMax: Int
  package var fields: FieldTable

  package init(format: LogFormat, path: String = "", lineBytesMax: Int, fields: FieldTable) {
    self.format = format
    self.path = path
    self.lineBytesMax = lineBytesMax
    self.fields = fields
  }
}
