import Foundation
import Testing

/// `make install` as a package's build runs it.
struct InstallTests {
  @Test func everythingIsPutInPlaceAndIsWhatItsReadersTake() async throws {
    let folder = try TemporaryFolder()
    let place = ["DESTDIR=\(folder.path())", "PREFIX=/usr", "BINARY=\(Exporter.binary)"]
    try await run("make", ["--silent", "-C", Exporter.package.path, "install"] + place)
    let usr = folder.path("usr")
    let files = try FileManager.default.subpathsOfDirectory(atPath: usr).filter { path in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: "\(usr)/\(path)", isDirectory: &isFolder) && !isFolder.boolValue
    }
    #expect(
      Set(files) == [
        "bin/training-exporter", "share/man/man1/training-exporter.1", "share/zsh/site-functions/_training-exporter",
        "share/bash-completion/completions/training-exporter", "lib/systemd/system/training-exporter.service",
        "share/fish/vendor_completions.d/training-exporter.fish", "lib/systemd/system/training-exporter.socket",
      ]
    )
    let unit = try String(contentsOfFile: "\(usr)/lib/systemd/system/training-exporter.service", encoding: .utf8)
    #expect(unit.contains("ExecStart=/usr/bin/training-exporter serve "))
    let page = try String(contentsOfFile: "\(usr)/share/man/man1/training-exporter.1", encoding: .utf8)
    for word in [#"\-\-web.listen\-address"#, ".SS validate", #".SH "SIGNALS""#] {
      #expect(page.contains(word), "no \(word)")
    }
    // What a shell offers after `--st`.
    let completes = """
      source \(usr)/share/bash-completion/completions/training-exporter
      COMP_WORDS=(training-exporter serve --st); COMP_CWORD=2; COMP_LINE="training-exporter serve --st"
      COMP_POINT=${#COMP_LINE}; _training-exporter training-exporter --st serve; echo "${COMPREPLY[@]}"
      """
    let offered = try await run("bash", ["-c", completes])
    #expect(offered.contains("--state.path") && !offered.contains("--config.file"), "\(offered)")

    try await run("make", ["--silent", "-C", Exporter.package.path, "uninstall"] + place)
    let left = files.filter { FileManager.default.fileExists(atPath: "\(usr)/\($0)") }
    #expect(left.isEmpty)
  }

  /// What a debug build has is for tests alone.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["TRAINING_EXPORTER"] != nil, "there is no release build"))
  func theReleaseLoadsNoLibraryFromItsFolder() async throws {
    let dynamic = try await run("readelf", ["--dynamic", Exporter.binary])
    #expect(dynamic.contains("(NEEDED)") && !dynamic.contains("RUNPATH") && !dynamic.contains("RPATH"), "\(dynamic)")
    #expect(dynamic.contains(/\(FLAGS\)\s+BIND_NOW/) || dynamic.contains(/\(FLAGS_1\)\s+Flags:.* NOW/), "\(dynamic)")
  }

  @discardableResult
  private func run(_ program: String, _ arguments: [String]) async throws -> String {
    let process = try ChildProcess(["/usr/bin/env", program] + arguments)
    let exit = try await process.waitForExit(within: .seconds(60))
    #expect(exit.status == 0, "\(program): \(process.standardError)")
    return process.standardOutput
  }
}
