// swift-tools-version: 6.1
import PackageDescription

/// A package that the program is built with: this version and no other, so that a build next year is the same. Where a
/// library of this package is used by another package, that one decides; any later version of the same major one will do.
func bound(_ url: String, _ version: Version) -> Package.Dependency {
  // Versions are chosen before there is a folder: this file is read out of the repository, as if it were in `/`.
  Context.packageDirectory == "/" ? .package(url: url, from: version) : .package(url: url, exact: version)
}

/// The rooms of the exporter, lowest first. A target depends only on targets above it in this list;
/// `docs/architecture.md` shows the same table, and `PolicyTests` holds both to what the sources import.
let package = Package(
  name: "training-exporter",
  products: [
    .executable(name: "training-exporter", targets: ["training-exporter"]),
    .library(
      name: "MetricCatalog",
      targets: ["MetricCatalog", "LogFormats", "MetricModel", "PatternSyntax", "Diagnostics"]
    ),
    .library(name: "MetricRegistry", targets: ["MetricRegistry", "MetricModel"]),
    .library(name: "ExporterKit", targets: ["ExporterKit"]),
  ],
  dependencies: [
    bound("https://github.com/apple/swift-argument-parser", "1.8.2"),
    bound("https://github.com/apple/swift-log", "1.16.2"),
    bound("https://github.com/apple/swift-nio", "2.101.2"),
    bound("https://github.com/apple/swift-nio-http2", "1.46.0"),
    bound("https://github.com/apple/swift-nio-ssl", "2.37.6"),
    bound("https://github.com/swift-server/swift-service-lifecycle", "2.13.0"),
    // Those above use these.
    bound("https://github.com/apple/swift-async-algorithms.git", "1.1.4"),
    bound("https://github.com/apple/swift-atomics.git", "1.3.0"),
    bound("https://github.com/apple/swift-collections.git", "1.6.0"),
  ],
  targets: [
    .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CCrypt"),
    .target(name: "CLaunch"),
    .target(name: "CPage"),
    .target(name: "CNumbers"),
    .target(name: "CChecksums"),
    .target(name: "CNVML"),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .target(name: "Clocks"),
    .target(name: "Budgets"),
    .target(name: "Curves"),
    .target(name: "StateStore"),
    .target(name: "Diagnostics"),
    .target(name: "YAMLSyntax", dependencies: ["CLibYAML", "Diagnostics"]),
    .target(name: "Page", dependencies: ["CPage", "Diagnostics"], exclude: ["web"]),
    .target(name: "WebConfiguration", dependencies: ["Diagnostics", "YAMLSyntax"]),
    .target(name: "PatternSyntax"),
    .target(name: "PromQL", dependencies: ["Diagnostics"]),
    .target(name: "MetricModel"),
    .target(
      name: "LogFormats",
      dependencies: [
        "Budgets", "CNumbers", "CChecksums", "StateStore", "Diagnostics", "YAMLSyntax", "PatternSyntax",
      ]
    ),
    .target(
      name: "MetricCatalog",
      dependencies: ["Diagnostics", "YAMLSyntax", "PatternSyntax", "LogFormats", "MetricModel"]
    ),
    .target(
      name: "Generators",
      dependencies: ["Diagnostics", "MetricModel", "MetricCatalog", "Runs"],
      resources: [.embedInCode("Python/runtime.py"), .embedInCode("Python/callbacks.py")]
    ),
    .target(name: "Runs", dependencies: ["StateStore", "MetricModel"]),
    .target(
      name: "Queries",
      dependencies: ["Diagnostics", "YAMLSyntax", "PatternSyntax", "PromQL", "MetricModel", "MetricCatalog", "Runs"]
    ),
    .target(name: "MetricRegistry", dependencies: ["Clocks", "StateStore", "MetricModel"]),
    .target(
      name: "Exposition",
      dependencies: [
        "CNumbers", "CZlib", "CZstd", "MetricModel", "MetricRegistry", .product(name: "NIOCore", package: "swift-nio"),
      ]
    ),
    .target(name: "Collectors", dependencies: ["CNVML", "PatternSyntax", "MetricModel", "MetricCatalog"]),
    .target(name: "Tailing", dependencies: ["Budgets", "Clocks", "StateStore", "PatternSyntax"]),
    .target(
      name: "Ingest",
      dependencies: [
        "Budgets", "Clocks", "StateStore", "PatternSyntax", "MetricModel", "MetricCatalog", "MetricRegistry",
        "Collectors", "LogFormats", "Tailing", "Runs", "Curves",
      ]
    ),
    .target(
      name: "Explaining",
      dependencies: [
        "Clocks", "Diagnostics", "PatternSyntax", "LogFormats", "MetricCatalog", "MetricRegistry", "Tailing", "Ingest",
      ]
    ),
    .target(
      name: "Proposals",
      dependencies: ["Clocks", "Diagnostics", "PatternSyntax", "LogFormats", "MetricCatalog", "Ingest", "Explaining"]
    ),
    .target(
      name: "Serving",
      dependencies: [
        "CCrypt", "Clocks", "Diagnostics", "WebConfiguration", "Exposition",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOTLS", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOHPACK", package: "swift-nio-http2"),
        .product(name: "NIOHTTP2", package: "swift-nio-http2"),
        .product(name: "Logging", package: "swift-log"),
      ]
    ),
    .target(
      name: "ExporterKit",
      dependencies: [
        "CLaunch", "Clocks", "StateStore", "Diagnostics", "WebConfiguration", "PatternSyntax", "MetricModel",
        "MetricCatalog", "MetricRegistry", "Exposition", "Collectors", "LogFormats", "Tailing", "Runs", "Curves",
        "Ingest",
        "Explaining", "Serving", "Page",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ]
    ),
    .target(
      name: "CatalogReferences",
      dependencies: [
        "Clocks", "Diagnostics", "MetricCatalog",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ]
    ),
    .executableTarget(
      name: "training-exporter",
      dependencies: [
        "CLaunch", "Clocks", "Diagnostics", "MetricModel", "MetricCatalog", "Generators", "Runs", "Queries", "Ingest",
        "Explaining", "Proposals", "ExporterKit", "CatalogReferences",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        // Nothing of them is imported: named here, their versions can be bound.
        .product(name: "AsyncAlgorithms", package: "swift-async-algorithms"),
        .product(name: "Atomics", package: "swift-atomics"),
        .product(name: "DequeModule", package: "swift-collections"),
      ]
    ),

    .executableTarget(
      name: "bench-server",
      dependencies: [
        "MetricModel", "MetricRegistry", "Exposition", "Serving", .product(name: "Logging", package: "swift-log"),
      ],
      path: "Benchmarks/server"
    ),
    .executableTarget(
      name: "bench-handles",
      dependencies: ["MetricModel", "MetricRegistry"],
      path: "Benchmarks/handles"
    ),
    .executableTarget(name: "bench-collectors", dependencies: ["Collectors"], path: "Benchmarks/collectors"),

    .executableTarget(
      name: "bench-process-scan",
      dependencies: ["PatternSyntax", "Collectors"],
      path: "Benchmarks/process-scan"
    ),

    .target(name: "Machines", path: "Tests/Machines", exclude: ["Captures", "fake_nvml.c"]),
    .target(
      name: "Simulation",
      dependencies: ["Clocks", "StateStore", "MetricCatalog", "MetricRegistry", "Tailing", "Ingest"]
    ),
    .executableTarget(name: "simulate", dependencies: ["Simulation"]),
    .target(name: "PromQLMutations", dependencies: ["PromQL", "Diagnostics"], path: "Tests/PromQLMutations"),
    .executableTarget(name: "promql-fuzz", dependencies: ["PromQL", "PromQLMutations"], path: "Fuzz/PromQL"),
    .target(name: "LogRecordings", path: "Tests/LogRecordings", exclude: ["Recordings"]),
    .target(
      name: "LogStations",
      dependencies: [
        "Clocks", "Budgets", "StateStore", "PatternSyntax", "LogFormats", "MetricCatalog", "MetricRegistry",
        "Exposition", "Tailing", "Ingest",
      ],
      path: "Tests/LogStations"
    ),

    .target(
      name: "FuzzTargets",
      dependencies: [
        "StateStore", "Diagnostics", "WebConfiguration", "PatternSyntax", "LogFormats", "MetricCatalog", "Generators",
        "Queries", "Exposition", "Collectors", "Ingest", "Serving", "PromQL", "PromQLMutations", "Machines",
        "LogStations",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Fuzz/Targets"
    ),

    .testTarget(
      name: "ExplainingTests",
      dependencies: ["Explaining", "Ingest", "Tailing", "MetricRegistry", "MetricCatalog", "LogStations"]
    ),
    .testTarget(
      name: "ProposalsTests",
      dependencies: [
        "Proposals", "LogFormats", "MetricCatalog", "LogRecordings", "LogStations", "Explaining", "Diagnostics",
      ],
      exclude: ["Shapes"]
    ),
    .testTarget(name: "StateStoreTests", dependencies: ["StateStore"]),
    .testTarget(name: "DiagnosticsTests", dependencies: ["Diagnostics"]),
    .testTarget(name: "YAMLSyntaxTests", dependencies: ["YAMLSyntax", "Diagnostics"]),
    .testTarget(name: "WebConfigurationTests", dependencies: ["WebConfiguration", "Diagnostics"]),
    .testTarget(name: "PatternSyntaxTests", dependencies: ["PatternSyntax"]),
    .testTarget(
      name: "PromQLTests",
      dependencies: ["PromQL", "PromQLMutations"],
      exclude: ["Cases", "judges.py", "disagreements.txt"]
    ),
    .testTarget(
      name: "MetricCatalogTests",
      dependencies: [
        "MetricCatalog", "LogFormats", "Diagnostics", "PatternSyntax", "MetricModel", "Queries", "LogStations",
      ],
      exclude: ["Fixtures"]
    ),
    .testTarget(
      name: "QueriesTests",
      dependencies: ["Queries", "PromQL", "Diagnostics", "MetricCatalog", "Collectors", "LogStations"],
      exclude: ["Ceph"]
    ),
    .testTarget(
      name: "CollectorsTests",
      dependencies: ["Collectors", "MetricModel", "MetricCatalog", "PatternSyntax", "Machines", "LogStations"]
    ),
    .testTarget(
      name: "LogFormatsTests",
      dependencies: ["Budgets", "LogFormats", "PatternSyntax", "StateStore", "LogStations"],
      resources: [.copy("Fixtures")]
    ),
    .testTarget(
      name: "TailingTests",
      dependencies: ["Budgets", "Clocks", "Tailing", "PatternSyntax", "LogStations"]
    ),
    .testTarget(
      name: "RunsTests",
      dependencies: ["Runs", "StateStore", "MetricModel", "MetricRegistry", "Exposition", "LogStations"]
    ),
    .testTarget(name: "CurvesTests", dependencies: ["Curves", "LogStations"]),
    .testTarget(name: "MetricRegistryTests", dependencies: ["MetricModel", "MetricRegistry", "LogStations"]),
    .testTarget(
      name: "ExpositionTests",
      dependencies: ["CNumbers", "CZlib", "StateStore", "Exposition", "MetricModel", "MetricRegistry", "LogStations"],
      exclude: ["Judge"]
    ),
    .testTarget(
      name: "IngestTests",
      dependencies: [
        "Clocks", "LogRecordings", "LogStations", "StateStore", "PatternSyntax", "LogFormats", "Collectors", "Ingest",
        "Tailing", "MetricCatalog", "MetricModel", "MetricRegistry", "Runs", "Curves", "Exposition",
      ],
      exclude: ["States"]
    ),
    .testTarget(
      name: "ScriptTests",
      dependencies: [
        "PatternSyntax", "MetricModel", "MetricCatalog", "MetricRegistry", "Exposition", "Collectors", "Tailing",
        "Ingest", "Simulation", "LogStations", "Machines", "training-exporter",
      ]
    ),
    .testTarget(
      name: "ServingTests",
      dependencies: [
        "Serving", "WebConfiguration", "Exposition",
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "NIOHPACK", package: "swift-nio-http2"),
        .product(name: "Logging", package: "swift-log"),
      ]
    ),
    .testTarget(
      name: "ExporterKitTests",
      dependencies: [
        "Clocks", "StateStore", "ExporterKit", "Exposition", "Collectors", "MetricModel", "MetricCatalog",
        "MetricRegistry", "Runs", "Serving", "Tailing",
        .product(name: "Logging", package: "swift-log"),
      ]
    ),
    .testTarget(
      name: "CatalogReferencesTests",
      dependencies: ["CatalogReferences", "MetricCatalog", "Diagnostics", "LogStations"]
    ),
    .testTarget(name: "SimulationTests", dependencies: ["Simulation"]),
    .testTarget(name: "PolicyTests"),
    .testTarget(
      name: "SwiftGeneratorTests",
      dependencies: ["Generators", "MetricCatalog", "MetricModel", "MetricRegistry", "ExporterKit"],
      exclude: ["metrics.yaml"]
    ),
    .testTarget(
      name: "GeneratorTests",
      dependencies: [
        "Generators", "MetricCatalog", "MetricModel", "Diagnostics", "YAMLSyntax", "Queries", "ExporterKit",
        "LogStations",
      ]
    ),
    .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets", "StateStore", "LogStations"]),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["training-exporter", "Simulation", "LogStations"],
      exclude: ["Fixtures", "requirements.txt"]
    ),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)

// It links with libFuzzer alone, so that it is a target only where `make fuzz` asks for it.
if Context.environment["FUZZING"] != nil {
  package.targets.append(.executableTarget(name: "fuzz", dependencies: ["FuzzTargets"], path: "Fuzz/Main"))
}
