internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTP2
internal import NIOPosix

/// Puts together what stands between a socket and the answers: TLS where it is asked for, then HTTP/1, or HTTP/2 where
/// a client prefers it. It decides nothing once a connection is set up.
struct ConnectionSetup: Sendable {
  let service: Service
  let handshakes: HandshakeLog
  let ledger: ConnectionLedger
  let loop: any EventLoop

  /// As Linux calls it: how much the system takes of what it cannot send yet, and so keeps for a client that does not
  /// read.
  private static let unsentBytesMax = NIOBSDSocket.Option(rawValue: 25)

  /// Sets up a connection, on the event loop.
  ///
  /// - Returns: false where it has ended meanwhile.
  func open(_ arrival: Arrival) -> Bool {
    guard let (descriptor, place) = arrival.take() else { return false }
    guard let door = ConnectionDoor(arrival.client, place, on: loop) else {
      close(descriptor)
      return false
    }
    let shared = NIOLoopBound(door, eventLoop: loop)
    let marks = ChannelOptions.Types.WriteBufferWaterMark(
      low: service.limits.responseChunkBytes / 4,
      high: service.limits.responseChunkBytes
    )
    _ = ClientBootstrap(group: loop)
      .channelOption(.allowRemoteHalfClosure, value: true)
      .channelOption(.writeBufferWaterMark, value: marks)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          ledger.add(channel)
          try addHandlers(to: channel, shared.value)
        }
      }
      .withConnectedSocket(descriptor)
    return true
  }

  private func addHandlers(to channel: any Channel, _ door: ConnectionDoor) throws {
    // A UNIX socket has no such options.
    if channel.localAddress?.port != nil {
      try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
      let bytes = ChannelOptions.Types.SocketOption.Value(service.limits.responseChunkBytes / 2)
      try? channel.syncOptions?.setOption(.tcpOption(Self.unsentBytesMax), value: bytes)
    }
    let pipeline = channel.pipeline.syncOperations
    try pipeline.addHandler(door)
    if try service.security.addHandlers(to: pipeline, door, handshakes, service.responses) {
      try pipeline.addHandler(ProtocolChoice(setup: self, door: door))
    } else {
      try addHTTP1(to: pipeline, door)
    }
  }

  func addHTTP1(to pipeline: ChannelPipeline.SynchronousOperations, _ door: ConnectionDoor) throws {
    let connection = ConnectionHandler(service, door)
    try pipeline.addHandler(InboundGate(connection: connection))
    try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: service.limits.decoder)))
    try pipeline.addHandler(HTTPResponseEncoder())
    try pipeline.addHandler(connection)
  }

  func addHTTP2(
    to pipeline: ChannelPipeline.SynchronousOperations,
    _ door: ConnectionDoor,
    _ loop: any EventLoop
  ) throws {
    let connection = MultiplexedConnection(service, door)
    let shared = NIOLoopBound(connection, eventLoop: loop)
    let frames = NIOHTTP2Handler(
      mode: .server,
      eventLoop: loop,
      connectionConfiguration: service.limits.http2Connection,
      streamConfiguration: service.limits.http2Stream
    ) { [service] stream in
      stream.eventLoop.makeCompletedFuture {
        let handler = StreamHandler(service, connection: shared.value)
        try stream.pipeline.syncOperations.addHandler(handler)
      }
    }
    // The connection's handler first: the other one greets the client as soon as it is there.
    try pipeline.addHandler(connection)
    try pipeline.addHandler(frames, position: .before(connection))
  }
}
