import Foundation
import Glibc
import Testing

/// How the program starts where something is in its way: arguments that the runtime cannot find, limits that are too
/// low, signals before it can act on them.
struct StartTests {
  private static let compiler = ["cc", "gcc", "clang"].first { name in
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
      .contains { access("\($0)/\(name)", X_OK) == 0 }
  }

  @Test(.enabled(if: compiler != nil, "there is no C compiler here"))
  func argumentsAreThoseThatWereGivenAlsoWhereALibraryMovesTheEnvironment() async throws {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      #include <stdlib.h>
      __attribute__((constructor)) static void move(void) { setenv("MOVED_BY_A_TEST", "1", 1); }
      """,
      to: "move.c"
    )
    let library = folder.path("move.so")
    let build = try ChildProcess([Self.compiler ?? "cc", "-shared", "-fPIC", "-o", library, folder.path("move.c")])
    #expect(try await build.waitForExit().status == 0, "\(build.standardError)")
    try await expectArguments(["env", "LD_PRELOAD=\(library)", Exporter.binary], folder)
  }

  @Test func argumentsAreThoseThatWereGivenAlsoWithoutProc() async throws {
    let folder = try TemporaryFolder()
    let hidden = [
      "unshare", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs none /proc && exec \"$@\"", "sh",
    ]
    let trial = try ChildProcess(hidden + ["true"])
    guard try await trial.waitForExit().status == 0 else {
      return print("not tried: nothing may be mounted over /proc here: \(trial.standardError)")
    }
    try await expectArguments(hidden + [Exporter.binary], folder, serveSays: "/proc is not there")
  }

  /// Each of these serves where the arguments are lost.
  private func expectArguments(
    _ start: [String],
    _ folder: TemporaryFolder,
    serveSays: String = "nosuch.yaml"
  ) async throws {
    for (arguments, status, said) in [
      (["validate", folder.path("nosuch.yaml")], 1, "nosuch.yaml"), (["--version"], 0, "training-exporter "),
      (["--bogus"], 64, "--bogus"), (["serve", "--config.file", folder.path("nosuch.yaml")], 1, serveSays),
    ] as [([String], Int32, String)] {
      let process = try ChildProcess(start + arguments)
      let exit = try await process.waitForExit(within: .seconds(30))
      #expect(exit.status == status, "\(arguments): \(process.standardError)")
      #expect((process.standardOutput + process.standardError).contains(said), "\(arguments)")
    }
  }

  @Test(arguments: [
    ("--nproc=3", "-u"), ("--nproc=5", "-u"), ("--nproc=7", "-u"), ("--as=209715200", "-v"), ("--nofile=16", "-n"),
  ])
  func aLimitThatIsTooLowIsNamed(limit: String, option: String) async throws {
    let folder = try TemporaryFolder()
    let catalog = try folder.write(CommandLineTests.smallCatalog, to: "metrics.yaml")
    // The number of processes does not bind root.
    let user = geteuid() == 0 ? ["setpriv", "--reuid=65534", "--clear-groups"] : []
    let trial = try ChildProcess(user + [Exporter.binary, "--version"])
    guard try await trial.waitForExit().status == 0 else {
      return print("not tried: no other user may run the program here: \(trial.standardError)")
    }
    let process = try ChildProcess(
      user + [
        "prlimit", limit, Exporter.binary, "serve", "--config.file", catalog, "--state.disable",
        "--web.listen-address", "127.0.0.1:0",
      ]
    )
    let exit = try await process.waitForExit(within: .seconds(30))
    #expect(exit.status == 1, "\(process.standardError)")
    #expect(process.standardError.split(separator: "\n").count == 1, "\(process.standardError)")
    #expect(process.standardError.contains("ulimit \(option)"), "\(process.standardError)")
  }

  @Test func hangUpsBeforeTheCatalogIsReadAreServedAndEndNothing() async throws {
    let folder = try TemporaryFolder()
    let process = try await Self.justStarted(in: folder)
    process.signal(SIGHUP)
    try await eventually("the catalog is read again") {
      try #require(process.hasEnded() == nil)
      return process.standardError.contains("catalog reloaded") ? true : nil
    }
    process.signal(SIGTERM)
    #expect(try await process.waitForExit(within: .seconds(30)).status == 0)
  }

  @Test func aSignalBeforeAnythingIsServedEndsItWithStatusZeroAndAWord() async throws {
    let folder = try TemporaryFolder()
    let process = try await Self.justStarted(in: folder)
    process.signal(SIGTERM)
    #expect(try await process.waitForExit(within: .seconds(30)).status == 0)
    #expect(process.standardError.contains("stopped"))
  }

  /// A server whose first line of code has run, and hardly more.
  private static func justStarted(in folder: TemporaryFolder) async throws -> ChildProcess {
    let catalog = try folder.write(CommandLineTests.smallCatalog, to: "metrics.yaml")
    let process = try ChildProcess([
      Exporter.binary, "serve", "--config.file", catalog, "--state.disable", "--web.listen-address", "127.0.0.1:0",
    ])
    try await eventually("it holds signals back") {
      let status = try String(contentsOfFile: "/proc/\(process.id)/status", encoding: .utf8)
      return status.firstMatch(of: /SigBlk:\s+[0-9a-f]+4003\n/) == nil ? nil : true
    }
    return process
  }
}
