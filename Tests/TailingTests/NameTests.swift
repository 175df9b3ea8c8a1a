import Foundation
import LogStations
import Testing

@testable import Tailing

/// Names that are strange, long, or lead elsewhere.
@Suite struct NameTests {
  @Test func directoriesThatAreTooDeepAreLeftAlone() throws {
    let scene = try Scene("**/x.log")
    let deep = Array(repeating: "d", count: TailerLimits.depthMax)
    try scene.makeDirectory(deep.joined(separator: "/") + "/e")
    try scene.append("a\n", to: deep.joined(separator: "/") + "/x.log")
    try scene.append("b\n", to: deep.joined(separator: "/") + "/e/x.log")
    scene.look()
    #expect(scene.only?.lines == ["a"])
  }

  @Test func logsThatAreGoneAreForgottenWhenTheyAreTooMany() throws {
    let scene = try Scene(["runs/*.log"], vanishedLogsMax: 3)
    for (count, kept) in [(3, 3), (1, 0)] {
      try scene.makeDirectory("runs")
      for number in 0..<count { try scene.append("a\n", to: "runs/\(count)-\(number).log") }
      scene.rest(.seconds(1))
      try scene.remove("runs")
      for _ in 0..<3 { scene.rest(.seconds(1)) }
      #expect(scene.tailer.tables[0].logs.count == kept)
    }
  }

  @Test func remoteFileSystemsAreKnownByTheirTypes() {
    let known = RemoteDevices.parse(
      """
      36 35 98:0 / /mnt rw,noatime shared:1 - nfs4 server:/export rw
      37 35 0:45 / /fuse rw - fuse.sshfs host: rw
      38 35 8:1 / / rw,relatime shared:1 master:2 - ext4 /dev/sda1 rw
      39 35 nonsense
      """
    )
    #expect(known == [98 << 8: true, 45: true, 8 << 8 | 1: false])
  }
}
