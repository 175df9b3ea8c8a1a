internal import CLibYAML

/// libyaml's parser over bytes in memory: one event after the other. It owns libyaml's memory and nothing else; the
/// bytes must outlive it.
struct LibYAMLParser: ~Copyable {
  /// One event, out of libyaml's hands. Offsets are libyaml's own: characters from the start of the bytes.
  struct Event {
    enum Kind {
      case documentStart, streamEnd
      case alias(String)
      case scalar(text: String, style: YAMLScalar.Style)
      case sequenceStart(isFlow: Bool)
      case mappingStart(isFlow: Bool)
      case collectionEnd
      /// Stream start and document end.
      case other
    }

    var kind: Kind
    var start: Int
    var end: Int
    var anchor: String?
    var tag: String?
  }

  /// What libyaml did not understand.
  struct Failure: Error {
    var problem: String
    var problemAt: Int
    var context: String?
    var contextAt: Int
  }

  private let parser: UnsafeMutablePointer<yaml_parser_t>

  /// nil only when memory is short.
  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    parser = .allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      return nil
    }
    // Without this a byte order mark decides, and UTF-16 would be read.
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  func next() throws(Failure) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { yaml_event_delete(&event) }
    var result = Event(kind: .other, start: event.start_mark.index, end: event.end_mark.index)
    switch event.type {
    case YAML_STREAM_END_EVENT:
      result.kind = .streamEnd
    case YAML_DOCUMENT_START_EVENT:
      result.kind = .documentStart
    case YAML_ALIAS_EVENT:
      result.kind = .alias(Self.text(event.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      let style: YAMLScalar.Style =
        switch scalar.style {
        case YAML_PLAIN_SCALAR_STYLE: .plain
        case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
        default: .quoted
        }
      result.kind = .scalar(text: text, style: style)
      result.anchor = Self.text(scalar.anchor)
      result.tag = Self.text(scalar.tag)
    case YAML_SEQUENCE_START_EVENT:
      let sequence = event.data.sequence_start
      result.kind = .sequenceStart(isFlow: sequence.style == YAML_FLOW_SEQUENCE_STYLE)
      result.anchor = Self.text(sequence.anchor)
      result.tag = Self.text(sequence.tag)
    case YAML_MAPPING_START_EVENT:
      let mapping = event.data.mapping_start
      result.kind = .mappingStart(isFlow: mapping.style == YAML_FLOW_MAPPING_STYLE)
      result.anchor = Self.text(mapping.anchor)
      result.tag = Self.text(mapping.tag)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
      result.kind = .collectionEnd
    default:
      break
    }
    return result
  }

  private func failure() -> Failure {
    let parser = parser.pointee
    return Failure(
      problem: parser.problem.map { String(cString: $0) } ?? "",
      problemAt: parser.problem_mark.index,
      context: parser.context.map { String(cString: $0) },
      contextAt: parser.context_mark.index
    )
  }

  private static func text(_ pointer: UnsafePointer<yaml_char_t>?) -> String? {
    pointer.map { String(cString: $0) }
  }
}
