extension FormatDescriptor {
  static let events = FormatDescriptor(name: "events", help: "event files of TensorBoard", content: .frames)
}
