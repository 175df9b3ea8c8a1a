extension FormatDescriptor {
  static let tensorboard = FormatDescriptor(name: "tensorboard", help: "event files of TensorBoard", content: .frames)
}
