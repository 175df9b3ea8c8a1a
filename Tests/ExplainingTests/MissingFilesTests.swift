import Explaining
import Foundation
import LogStations
import PatternSyntax
import Tailing
import Testing

/// Why a pattern matches nothing is told by what anybody may see who may see the logs.
@Suite struct MissingFilesTests {
  private func reason(_ folder: LogFolder, followsLinks: Bool) throws -> String {
    let pattern = try Pattern(parsing: "runs/*/*/{run}.csv")
    let watcher = TailedWatcher(
      name: "w",
      root: folder.url.path,
      files: [pattern],
      exclude: [],
      ignoreOlder: nil,
      followsLinks: followsLinks
    )
    return MissingFiles.reasons(of: watcher).map(\.message).joined()
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give a link to somebody else"))
  func whatAStrangersLinkLeadsToIsNotTold() throws {
    let folder = try LogFolder()
    try folder.write("", to: "private/inside/secret-name")
    try folder.write("", to: "runs/evil/readme")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("runs/evil/out"),
      withDestinationPath: folder.path("private")
    )
    #expect(try reason(folder, followsLinks: false).contains("inside"), "the link is one's own")
    #expect(lchown(folder.path("runs/evil/out"), 65534, 65534) == 0)
    #expect(try !reason(folder, followsLinks: false).contains("inside"))
    #expect(try reason(folder, followsLinks: true).contains("inside"))
  }
}
