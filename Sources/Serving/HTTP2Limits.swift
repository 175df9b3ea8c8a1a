internal import NIOCore
internal import NIOHTTP2

/// The limits of HTTP/2, in the form in which swift-nio keeps to them. Over one of them it says so and ends the
/// connection.
extension ServerLimits {
  /// Enough for one header: at most `headerBytesMax` come, and frames of less than a quarter of it make no sense.
  private static let continuationFramesMax = 4
  /// An empty frame of data does nothing; some clients end a request with one.
  private static let emptyDataFramesMax = 1
  /// Broken requests in the connection's whole life, and those that come after it was told to go away: of these a good
  /// client may have as many under way as `connectionStreamsMax`.
  private static let brokenRequestsMax = 200
  /// Answers to pings and the like that wait for a client that does not read.
  private static let waitingControlFramesMax = 1_000
  /// Bodies are refused: nothing has to be taken in quickly. It is the protocol's default.
  private static let receiveWindowBytes = 65_535

  var http2Connection: NIOHTTP2Handler.ConnectionConfiguration {
    var configuration = NIOHTTP2Handler.ConnectionConfiguration()
    configuration.initialSettings = [
      HTTP2Setting(parameter: .maxConcurrentStreams, value: connectionStreamsMax),
      HTTP2Setting(parameter: .maxHeaderListSize, value: headerBytesMax),
    ]
    configuration.maximumSequentialContinuationFrames = Self.continuationFramesMax
    configuration.maximumSequentialEmptyDataFrames = Self.emptyDataFramesMax
    configuration.maximumConnectionGlitches = Self.brokenRequestsMax
    configuration.maximumBufferedControlFrames = Self.waitingControlFramesMax
    configuration.targetWindowSize = Self.receiveWindowBytes
    configuration.controlFrameRateLimit.maximumCount = controlFramesMax
    configuration.controlFrameRateLimit.windowLength = TimeAmount(frameCountInterval)
    return configuration
  }

  var http2Stream: NIOHTTP2Handler.StreamConfiguration {
    var configuration = NIOHTTP2Handler.StreamConfiguration()
    configuration.targetWindowSize = Self.receiveWindowBytes
    // A stream takes one piece of an answer, and the next one once most of it has been read.
    configuration.outboundBufferSizeHighWatermark = responseChunkBytes / 2
    configuration.outboundBufferSizeLowWatermark = responseChunkBytes / 4
    configuration.streamResetFrameRateLimit.maximumCount = controlFramesMax
    configuration.streamResetFrameRateLimit.windowLength = TimeAmount(frameCountInterval)
    configuration.streamErrorRateLimit.maximumCount = Self.brokenRequestsMax
    configuration.streamErrorRateLimit.windowLength = TimeAmount(frameCountInterval)
    return configuration
  }
}
