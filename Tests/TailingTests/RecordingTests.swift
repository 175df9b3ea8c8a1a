import Foundation
import LogRecordings
import LogStations
import Tailing
import Testing

/// Performs the system calls of real training tools on their logs, one by one, with a look after each.
@Suite struct RecordingTests {
  @Test(arguments: LogRecording.names) func whatWasSeenIsWhatTheFilesHold(name: String) throws {
    let scene = try Scene("**")
    let performer = LogPerformer(in: scene.root.path)
    for call in try LogRecording(name).calls {
      try performer.perform(call)
      scene.look()
    }
    scene.rest()
    let files = try FileManager.default.subpathsOfDirectory(atPath: scene.root.path).filter { path in
      var isDirectory: ObjCBool = false
      return FileManager.default.fileExists(atPath: scene.path(path), isDirectory: &isDirectory)
        && !isDirectory.boolValue
    }
    #expect(!files.isEmpty)
    for file in files {
      let content = try Data(contentsOf: URL(fileURLWithPath: scene.path(file)))
      let whole = content.prefix((content.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1)
      let lines = RecordingConsumer.lines(of: whole)
      let log = try #require(scene.consumer(file), "\(file)")
      #expect(log.lines == lines, "\(file)")
      #expect(log.timesVanished <= log.restarts, "\(file)")
    }
  }
}
